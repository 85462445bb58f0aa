import { Camera, Folder, Globe, Monitor, SquareTerminal } from 'lucide';
import type { IconNode } from 'lucide';
import type { Use } from './open';

export const USE_ICON: Readonly<Record<Use, IconNode>> = {
  desktop: Monitor, files: Folder, terminal: SquareTerminal, tunnel: Globe,
  camera: Camera,
};
