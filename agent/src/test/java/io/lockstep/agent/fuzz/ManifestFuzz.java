package io.lockstep.agent.fuzz;

import io.lockstep.generation.MalformedManifestException;
import io.lockstep.generation.ManifestCodec;
import java.util.Arrays;

/** A manifest of any bytes is refused as malformed, or encodes to the very same bytes. */
public final class ManifestFuzz {
    private ManifestFuzz() {}

    /** Called by the fuzzer with each input. */
    public static void fuzzerTestOneInput(byte[] input) {
        try {
            var manifest = ManifestCodec.decode(input);
            if (!Arrays.equals(ManifestCodec.encode(manifest), input)) {
                throw new IllegalStateException("two encodings of one manifest");
            }
        } catch (MalformedManifestException refused) {
            // That is the answer to foreign bytes.
        }
    }
}
