import { providerTime } from '#canonical';
import type { Page, PageAsk, Partner, ProviderRefs, TreeData, TreeNodeData } from '#canonical';
import { defineExchange } from '#adapter-kit';
import type { Reader } from '#adapter-kit';
import { bodyAbout, listOf } from './body.js';
import { pageOf, pageQuery, refuseDates, usable } from './pages.js';
import { embedErrors } from './refusal.js';
import { embedRead } from './request.js';

interface TreeAsk {
  refs?: ProviderRefs;
  maxDepth?: number;
}

// Always sent, so that the depth of the answer is known; the value of the documented example.
const USUAL_DEPTH = 3;

/** The tree of people below a person; `levels[0]` is the root itself. */
export const getReferralTree = defineExchange<TreeAsk, TreeData>({
  name: 'read-tree',
  call: 'GET /embed/v1/data/referral-tree/{user_id}',
  retryClass: 'read',
  errors: embedErrors,
  request: ({ refs, maxDepth = USUAL_DEPTH }) =>
    embedRead('referral-tree', refs, { max_depth: String(maxDepth) }),
  read: (answer, { refs, maxDepth = USUAL_DEPTH }) => {
    const body = bodyAbout(answer, refs);
    const given = listOf(body.at('levels')).map((level, depth) => usable(level, node => nodeOf(node, depth)));
    const root = rootOf(body);
    const levels = given[0]?.[0]?.customerRef === root.customerRef ? given : [[root], ...given];
    const totalDownline = body.at('total_downline').whole();
    const listed = levels.slice(1).flat().length;
    return {
      root,
      levels,
      totalDownline,
      // If the tree is cut at the depth limit, there are more people than listed.
      truncated: body.at('hit_depth_cap').flag() ?? (totalDownline !== undefined && totalDownline > listed),
      maxDepth: body.at('max_depth').whole() ?? maxDepth,
    };
  },
});

function rootOf(body: Reader): TreeNodeData {
  const root = body.at('root').present ? body.at('root') : body.at('levels', 0, 0);
  root.needRecord().at('user_id').needText();
  return nodeOf(root, 0)!;
}

// A person without an id cannot be identified, nor be an inviter.
function nodeOf(row: Reader, depth: number): TreeNodeData | undefined {
  const customerRef = row.at('user_id').text();
  if (customerRef === undefined) return undefined;
  return {
    customerRef,
    displayName: row.at('display_name').text(),
    depth: row.at('depth').whole() ?? depth,
    parentRef: row.at('parent_user_id').text() ?? null,
  };
}

/** The people whom a person invited directly, with their roles. */
export const listPartners = defineExchange<PageAsk & { refs?: ProviderRefs }, Page<Partner>>({
  name: 'list-partners',
  call: 'GET /embed/v1/data/partners/{user_id}',
  retryClass: 'read',
  errors: embedErrors,
  request: ask => {
    refuseDates(ask);
    return embedRead('partners', ask.refs, pageQuery(ask));
  },
  read: (answer, ask) => pageOf(bodyAbout(answer, ask.refs), 'partners', ask, partnerOf),
});

function partnerOf(row: Reader): Partner | undefined {
  const customerRef = row.at('user_id').text();
  const joined = row.at('joined_at').text();
  if (customerRef === undefined) return undefined;
  return {
    customerRef,
    displayName: row.at('display_name').text(),
    role: row.at('partnership_role').text(),
    joinedAt: joined && providerTime(joined),
    active: row.at('is_active').flag(),
  };
}
