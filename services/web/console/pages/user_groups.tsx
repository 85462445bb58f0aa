import type { Params } from '../../ui/router';
import { Groups } from '../groups/groups';
import { USER_GROUPS } from '../groups/kinds';

export default function Page({ params }: { params: Params }) {
  return <Groups kind={USER_GROUPS} guid={params['guid']} />;
}
