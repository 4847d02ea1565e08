/** A parameter's decorator that also documents its method (a header that it reads). */
export function documented(parameter: ParameterDecorator, documents: MethodDecorator): ParameterDecorator {
  return (target, key, index) => {
    parameter(target, key, index);
    documents(target, key!, Object.getOwnPropertyDescriptor(target, key!)!);
  };
}
