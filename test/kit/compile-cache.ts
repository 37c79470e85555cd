import { switchyardCacheFolder } from '../../network/settings.ts';

// By now this process has opened its own. What tests start without more ado is mostly `switchyard`.
process.env['NODE_COMPILE_CACHE'] = switchyardCacheFolder;
