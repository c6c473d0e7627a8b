package io.lockstep.agent.fuzz;

import io.lockstep.agent.config.ShareMarker;
import io.lockstep.mount.Beacon;
import java.nio.charset.StandardCharsets;

/** A marker or a beacon of any bytes is none, or is exactly what its text says. */
public final class MarkerFuzz {
    private MarkerFuzz() {}

    /** Called by the fuzzer with each input. */
    public static void fuzzerTestOneInput(byte[] input) {
        var text = new String(input, StandardCharsets.UTF_8);
        ShareMarker.parse(text);
        Beacon.parse(text).filter(beacon -> !beacon.text().equals(text)).ifPresent(beacon -> {
            throw new IllegalStateException("two texts of one beacon: " + beacon);
        });
    }
}
