import type { Params } from '../../ui/router';
import { Groups } from '../groups/groups';
import { DEVICE_GROUPS } from '../groups/kinds';

export default function Page({ params }: { params: Params }) {
  return <Groups kind={DEVICE_GROUPS} guid={params['guid']} />;
}
