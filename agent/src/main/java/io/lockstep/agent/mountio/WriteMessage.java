package io.lockstep.agent.mountio;

import io.lockstep.agent.mountio.ShareService.WriteOrder;
import io.lockstep.agent.mountio.ShareService.Written;
import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.MalformedManifestException;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestCodec;
import io.lockstep.generation.View;
import java.io.IOException;
import java.util.Optional;
import java.util.TreeMap;

/** A write's body and its answer, which has one part. */
final class WriteMessage {
    /** A manifest that is longer is none; one of 100,000 entries has about 15 MB. */
    static final int MAX_MANIFEST_BYTES = 1 << 30;

    private WriteMessage() {}

    static void writeOrder(WriteOrder order, MessageOutput out) throws IOException {
        out.text(order.generation().toString());
        out.bytes(ManifestCodec.encode(order.target()));
        out.bytes(ManifestCodec.encode(order.seen().manifest()));
        out.i32(order.seen().blindSpots().size());
        for (var spot : order.seen().blindSpots().entrySet()) {
            out.bytes(spot.getKey().bytes());
            out.text(spot.getValue().name());
        }
    }

    static WriteOrder readOrder(MessageInput in) throws IOException {
        try {
            var generation = GenerationId.parse(in.text());
            var target = manifest(in);
            var seen = manifest(in);
            int count = in.count(ManifestCodec.MAX_ENTRIES);
            var blind = new TreeMap<EntryPath, View.BlindSpot>();
            for (int i = 0; i < count; i++) {
                var path = EntryPath.ofBytes(in.bytes(EntryPath.MAX_BYTES));
                blind.put(path, in.oneOf(View.BlindSpot.class));
            }
            return new WriteOrder(generation, target, new View(seen, blind));
        } catch (IllegalArgumentException e) {
            throw new MalformedFrameException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Manifest manifest(MessageInput in) throws IOException {
        try {
            return ManifestCodec.decode(in.bytes(MAX_MANIFEST_BYTES));
        } catch (MalformedManifestException e) {
            throw new MalformedFrameException(String.valueOf(e.getMessage()), e);
        }
    }

    static void write(Written written, MessageOutput out) throws IOException {
        out.i32(written.written());
        out.i32(written.trashed());
        out.i32(written.preserved());
        out.flag(written.problem().isPresent());
        out.text(written.problem().orElse(""));
    }

    static Written read(MessageInput in) throws IOException {
        int written = in.count(Integer.MAX_VALUE);
        int trashed = in.count(Integer.MAX_VALUE);
        int preserved = in.count(Integer.MAX_VALUE);
        boolean hasProblem = in.flag();
        var problem = in.text();
        in.end();
        return new Written(written, trashed, preserved, hasProblem ? Optional.of(problem) : Optional.empty());
    }
}
