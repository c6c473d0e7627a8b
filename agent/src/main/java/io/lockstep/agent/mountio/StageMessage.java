package io.lockstep.agent.mountio;

import io.lockstep.agent.mountio.ShareService.Staged;
import io.lockstep.generation.MalformedManifestException;
import io.lockstep.generation.ManifestCodec;
import io.lockstep.generation.ManifestEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** A copy's body and its answer, which has one part. */
final class StageMessage {
    /** The most files of one call; the caller makes several of more. */
    static final int MAX_FILES = 500;

    private static final int MAX_ENTRY_BYTES = 8 * 1024;

    private StageMessage() {}

    static void writeOrder(List<ManifestEntry> files, MessageOutput out) throws IOException {
        out.i32(files.size());
        for (var file : files) {
            out.bytes(file.canonicalBytes());
        }
    }

    static List<ManifestEntry> readOrder(MessageInput in) throws IOException {
        int count = in.count(MAX_FILES);
        var files = new ArrayList<ManifestEntry>();
        for (int i = 0; i < count; i++) {
            try {
                files.add(ManifestCodec.decodeEntry(in.bytes(MAX_ENTRY_BYTES)));
            } catch (MalformedManifestException e) {
                throw new MalformedFrameException(String.valueOf(e.getMessage()), e);
            }
        }
        return files;
    }

    static void write(Staged staged, MessageOutput out) throws IOException {
        out.bytes(staged.staged().toByteArray());
        out.flag(staged.problem().isPresent());
        out.text(staged.problem().orElse(""));
    }

    static Staged read(MessageInput in) throws IOException {
        var staged = BitSet.valueOf(in.bytes(MAX_FILES));
        boolean hasProblem = in.flag();
        var problem = in.text();
        in.end();
        return new Staged(staged, hasProblem ? Optional.of(problem) : Optional.empty());
    }
}
