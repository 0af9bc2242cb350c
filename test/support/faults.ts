import { SluiceError } from '../../schemas/errors.ts';

/** The faults of a configuration, a line each; none where it has none. */
export function faultsIn(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.code === 'SLUICE_E_CONFIG_INVALID') return thrown.message.split('\n');
    throw thrown;
  }
}
