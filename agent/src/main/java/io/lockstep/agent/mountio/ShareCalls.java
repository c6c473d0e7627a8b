package io.lockstep.agent.mountio;

import io.lockstep.agent.mountio.ShareService.Problem;
import io.lockstep.agent.mountio.ShareService.ScannedTree;
import io.lockstep.agent.mountio.ShareService.Staged;
import io.lockstep.agent.mountio.ShareService.WriteOrder;
import io.lockstep.agent.mountio.ShareService.Written;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.ManifestCodec;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.TreeSight;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The calls to the child, as values. {@link #probe} may be called beside one of the others; of those, one at a time.
 */
public final class ShareCalls {
    /** The most files of one {@link #stage}. */
    public static final int MAX_FILES = StageMessage.MAX_FILES;

    private final MountIo io;
    private final Map<String, Sent> sent = new HashMap<>();
    private long sentTo;
    private long lastId;

    /** The findings whose table a child has, and the table's number. */
    private record Sent(List<Finding> findings, long id) {}

    public ShareCalls(MountIo io) {
        this.io = io;
    }

    /** Calls {@link ShareService#probe}. */
    public Called<List<TreeSight>> probe(Beacon beacon, List<NodeName> peers) {
        var sights = new ArrayList<TreeSight>();
        var called = io.call(
                Operation.PROBE,
                (out, child) -> new ProbeMessage.Order(beacon, peers).write(out),
                payload -> sights.add(ProbeMessage.read(new MessageInput(payload))),
                false);
        return called instanceof Called.Answered<Nothing> ? new Called.Answered<>(sights) : Called.same(called);
    }

    /** Hears how far a scan is: what was done since the last time. */
    public interface Progress {
        void add(long entries, long bytes);
    }

    /** What a scan came to. */
    public sealed interface Scan {
        /** By the tree's name. */
        record Whole(Map<String, TreeAnswer> trees) implements Scan {}

        /** Nothing is known. */
        record Failed(Problem problem) implements Scan {}
    }

    /**
     * What was found of one tree.
     *
     * @param scanned how it ended, and what of the previous inventory still holds
     * @param fresh what is new, in no order; a path may be there twice
     * @param severed directories whose names were not all read
     */
    public record TreeAnswer(ScannedTree scanned, List<Finding> fresh, Set<EntryPath> severed) {}

    /** Calls {@link ShareService#scan}. */
    public Called<Scan> scan(Map<String, Inventory> previous, boolean everyDigest, Progress progress) {
        var answer = new ScanAnswer(progress);
        var called = io.call(
                Operation.SCAN,
                (out, child) -> {
                    out.flag(everyDigest);
                    out.i32(previous.size());
                    for (var tree : new TreeMap<>(previous).entrySet()) {
                        writeKnown(tree.getKey(), tree.getValue(), child, out);
                    }
                },
                answer,
                false);
        if (called instanceof Called.Answered<Nothing>) {
            return answer.result()
                    .<Called<Scan>>map(Called.Answered::new)
                    .orElseGet(() -> new Called.Failed<>("a scan ended without saying how"));
        }
        // What that child has of the tables is not known any more.
        sent.clear();
        return Called.same(called);
    }

    private void writeKnown(String tree, Inventory previous, long child, MessageOutput out) throws IOException {
        if (child != sentTo) {
            sent.clear();
            sentTo = child;
        }
        var findings = previous.findings();
        var had = Optional.ofNullable(sent.get(tree)).filter(known -> known.findings() == findings);
        var known = had.orElseGet(() -> new Sent(findings, ++lastId));
        out.text(tree);
        out.i64(previous.scanStartNanos());
        out.i64(known.id());
        out.flag(had.isEmpty());
        if (had.isEmpty()) {
            HeldTables.writeTable(findings, out);
            sent.put(tree, known);
        }
    }

    /** Gathers a scan's parts, on the thread that reads the pipe. */
    private static final class ScanAnswer implements PendingCall.Answer, ScanMessage.Hearer {
        /** A path may be told again as often as a directory is read again. */
        private static final int MAX_FINDINGS = 4 * ManifestCodec.MAX_ENTRIES;

        private final Progress progress;
        private final Map<String, List<Finding>> fresh = new HashMap<>();
        private final Map<String, Set<EntryPath>> severed = new HashMap<>();
        private final Map<String, TreeAnswer> trees = new TreeMap<>();
        private Optional<Problem> problem = Optional.empty();
        private boolean isDone;
        private int findings;
        private long entries;
        private long bytes;

        ScanAnswer(Progress progress) {
            this.progress = progress;
        }

        @Override
        public void part(byte[] payload) throws IOException {
            ScanMessage.read(payload, this);
        }

        @Override
        public void progress(long entriesInAll, long bytesInAll) {
            progress.add(entriesInAll - entries, bytesInAll - bytes);
            entries = entriesInAll;
            bytes = bytesInAll;
        }

        @Override
        public void found(String tree, Finding finding) throws MalformedFrameException {
            if (++findings > MAX_FINDINGS) {
                throw new MalformedFrameException("a scan has more than " + MAX_FINDINGS + " findings");
            }
            fresh.computeIfAbsent(tree, name -> new ArrayList<>()).add(finding);
        }

        @Override
        public void severed(String tree, EntryPath directory) {
            severed.computeIfAbsent(tree, name -> new HashSet<>()).add(directory);
        }

        @Override
        public void scanned(String tree, ScannedTree scanned) {
            trees.put(
                    tree,
                    new TreeAnswer(scanned, fresh.getOrDefault(tree, List.of()), severed.getOrDefault(tree, Set.of())));
        }

        @Override
        public void done(long entriesInAll, long bytesInAll) {
            isDone = true;
            progress(entriesInAll, bytesInAll);
        }

        @Override
        public void failed(Problem why) {
            problem = Optional.of(why);
        }

        /** Empty when neither was said, which no child of this version does. */
        Optional<Scan> result() {
            return problem.isPresent()
                    ? problem.map(Scan.Failed::new)
                    : Optional.of(trees).filter(all -> isDone).map(Scan.Whole::new);
        }
    }

    /** Calls {@link ShareService#stage}; at most {@link #MAX_FILES}. */
    public Called<Staged> stage(List<ManifestEntry> files) {
        var answer = new One<Staged>();
        return answer.of(io.call(
                Operation.STAGE,
                (out, child) -> StageMessage.writeOrder(files, out),
                payload -> answer.set(StageMessage.read(new MessageInput(payload))),
                false));
    }

    /** Calls {@link ShareService#write}. The child ends with it: whole manifests are a hundred times what it needs else. */
    public Called<Written> write(WriteOrder order) {
        var answer = new One<Written>();
        return answer.of(io.call(
                Operation.WRITE,
                (out, child) -> WriteMessage.writeOrder(order, out),
                payload -> answer.set(WriteMessage.read(new MessageInput(payload))),
                true));
    }

    /** An answer of one part. */
    private static final class One<T> {
        private Optional<T> value = Optional.empty();

        void set(T heard) {
            value = Optional.of(heard);
        }

        Called<T> of(Called<Nothing> called) {
            if (!(called instanceof Called.Answered<Nothing>)) {
                return Called.same(called);
            }
            return value.<Called<T>>map(Called.Answered::new)
                    .orElseGet(() -> new Called.Failed<>("the helper process answered nothing"));
        }
    }
}
