package io.lockstep.agent.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.agent.http.RefusedException;
import io.lockstep.agent.http.StreamHead;
import io.lockstep.agent.http.StreamService;
import io.lockstep.agent.rsync.FileSet;
import io.lockstep.agent.rsync.RsyncOutcome;
import io.lockstep.agent.rsync.RsyncServe;
import io.lockstep.agent.rsync.TransferLimits;
import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.wire.PullRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves files of generations that this node keeps: of its replica, or of whatever else it keeps by digest. A request of
 * which the replica holds a part is answered with that part; who asks for the rest alone gets it from trash, stage and
 * conflict store.
 */
final class ReplicaStreams implements StreamService {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaStreams.class);
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private final Function<Digest, Optional<Manifest>> generations;
    private final Supplier<Optional<Manifest>> held;
    private final RsyncServe rsync;
    private final Function<String, Path> roots;
    private final KeptServing kept;
    private final ObjectMapper json;
    private final Duration deadline;

    /**
     * @param generations the manifests that this node keeps, by root digest
     * @param held what the last scan of the replica showed; empty before the first
     * @param roots each tree's root in the replica, by the tree's name
     * @param kept what is not in the replica at its path
     */
    ReplicaStreams(
            Function<Digest, Optional<Manifest>> generations,
            Supplier<Optional<Manifest>> held,
            RsyncServe rsync,
            Function<String, Path> roots,
            KeptServing kept,
            ObjectMapper json,
            Duration deadline) {
        this.generations = generations;
        this.held = held;
        this.rsync = rsync;
        this.roots = roots;
        this.kept = kept;
        this.json = json;
        this.deadline = deadline;
    }

    @Override
    public void admit(StreamHead head) {
        if (held.get().isEmpty()) {
            throw new RefusedException(503, "the replica has not been looked at yet", "try again, or another member");
        }
    }

    @Override
    public void serve(StreamHead head, byte[] payload, InputStream in, OutputStream out) throws IOException {
        var request = Optional.ofNullable(json.readValue(payload, PullRequest.class))
                .orElseThrow(() -> new IOException("the request is null"));
        var wanted = wanted(request);
        var here = held.get().orElseThrow();
        // The peer learns that nothing follows; the server closes the connection when this method returns.
        var stream = new ConnectedStream(in, out, out);
        var limits = new TransferLimits(deadline, SILENCE);
        var files = inReplica(wanted, here);
        if (!files.isEmpty() || wanted.isEmpty()) {
            told(head, rsync.serve(FileSet.ofEntries(files), roots.apply(request.tree()), stream, limits));
            return;
        }
        try (var prepared = kept.prepare(request.tree(), wanted, here)) {
            told(head, rsync.serve(prepared.files(), prepared.root(), stream, limits));
        }
    }

    private static void told(StreamHead head, RsyncOutcome outcome) {
        if (!outcome.isComplete()) {
            LOG.warn("serving files to {} ended with: {}", head.peer(), outcome.message());
        }
    }

    /** The requested files, as the generation has them. */
    private List<ManifestEntry> wanted(PullRequest request) throws IOException {
        var manifest = generations
                .apply(request.root())
                .orElseThrow(() -> new IOException("no generation with root " + request.root() + " is kept here"));
        var tree = treeOf(request);
        var wanted = new ArrayList<ManifestEntry>();
        for (var path : request.paths()) {
            var full = tree.resolve(path);
            wanted.add(manifest.find(full)
                    .filter(ManifestEntry::isFile)
                    .orElseThrow(() -> new IOException("the generation has no file " + full)));
        }
        return wanted;
    }

    /** Those that the replica holds at their paths. */
    private static List<ManifestEntry> inReplica(List<ManifestEntry> wanted, Manifest here) {
        var files = new ArrayList<ManifestEntry>();
        for (var entry : wanted) {
            // With the replica's own time, by which the server sees that the file is still the one that was scanned.
            here.find(entry.path()).filter(entry::hasContentOf).ifPresent(files::add);
        }
        return files;
    }

    private static EntryPath treeOf(PullRequest request) throws IOException {
        try {
            return EntryPath.of(request.tree());
        } catch (IllegalArgumentException e) {
            throw new IOException("the tree's name is no name: " + e.getMessage(), e);
        }
    }
}
