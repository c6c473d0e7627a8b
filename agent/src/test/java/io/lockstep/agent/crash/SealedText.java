package io.lockstep.agent.crash;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lockstep.digest.Digest;
import java.util.Optional;

/** Content that says what it is and can tell whether it is whole: a torn file never passes for one. */
final class SealedText {
    private static final int SEAL = 2 * Digest.BYTES;

    private SealedText() {}

    /** Content that names {@code id}, of a size that follows from it. */
    static byte[] of(String id) {
        var filler = id + ", ";
        var body = id + "\n" + filler.repeat(1 + Math.floorMod(id.hashCode(), 300)) + "\n";
        return (body + Digest.of(body.getBytes(UTF_8))).getBytes(UTF_8);
    }

    /** The id of whole content; empty for anything else. */
    static Optional<String> idOf(byte[] content) {
        var text = new String(content, UTF_8);
        int seal = text.length() - SEAL;
        if (seal <= 0) {
            return Optional.empty();
        }
        var body = text.substring(0, seal);
        return Digest.of(body.getBytes(UTF_8)).toString().equals(text.substring(seal))
                ? Optional.of(body.substring(0, body.indexOf('\n')))
                : Optional.empty();
    }
}
