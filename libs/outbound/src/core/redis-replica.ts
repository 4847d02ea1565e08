/** Whether a server refuses to write since it is a replica: after a failover that left the connections open, a new one leads to the master. Before Redis 7 the word stands amid the error of a script. */
export const isReplica = ({ message }: Error): boolean => message.includes('READONLY');
