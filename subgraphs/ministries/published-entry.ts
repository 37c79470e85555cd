import type { LinkMethod } from './crosswalk.ts';
import type { Profile } from './profile.ts';

/** What a publisher says of one place, under its own key. */
export interface PublishedEntry {
  /** The publisher's own key of the place: a GEC code, the ISO code, or a name. */
  key: string;
  /** The key by the field, where fields have keys of their own. */
  keys?: ReadonlyMap<string, string>;
  /** How the key leads to the ISO code; `SAME_KEY` where the publisher has ISO codes itself. */
  link: LinkMethod | 'SAME_KEY';
  profile: Profile;
}
