package io.lockstep.agent.crash;

import io.lockstep.agent.scan.ScanOutcome;
import io.lockstep.agent.scan.ScanRequest;
import io.lockstep.agent.scan.TreeScanner;
import io.lockstep.agent.store.ConflictStore;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.ForeignContent;
import io.lockstep.agent.store.Trash;
import io.lockstep.agent.store.TreeApplier;
import io.lockstep.agent.store.TreePlace;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** The directories of one node's tree, and the generations that it goes through: the same for the same seed. */
record CrashPlace(Path directory, long seed) {
    static final String TREE = "server";
    private static final int FILES = 24;
    private static final int EDITS = 8;

    Path tree() {
        return directory.resolve("tree");
    }

    Path work() {
        return directory.resolve("work");
    }

    Path state() {
        return directory.resolve("state");
    }

    ContentStage stage() {
        return new ContentStage(work().resolve("stage"));
    }

    TreeApplier applier() {
        var place = new TreePlace(TREE, tree(), work().resolve("tmp"), ForeignContent.REPLACE_AND_KEEP);
        return new TreeApplier(
                place,
                stage(),
                new Trash(work().resolve("trash")),
                new ConflictStore(work().resolve("conflicts")),
                work(),
                Clock.systemUTC());
    }

    /** What the tree holds now. */
    View look() {
        var now = Clock.systemUTC().instant();
        var request = ScanRequest.of(tree(), now.getEpochSecond() * 1_000_000_000L + now.getNano());
        var outcome = new TreeScanner(new TreeFilter(List.of(), List.of(), List.of())).scan(request);
        if (outcome instanceof ScanOutcome.Scanned scanned) {
            return View.of(Map.of(TREE, scanned.inventory()), View.empty());
        }
        throw new IllegalStateException("the tree can't be scanned: " + outcome);
    }

    /** The generation with this seq: some files of the one before are changed, deleted, or made again. */
    Manifest generation(long seq) {
        var entries = new TreeMap<EntryPath, ManifestEntry>();
        entries.put(EntryPath.of(TREE), ManifestEntry.directory(EntryPath.of(TREE), 0));
        for (int file = 0; file < FILES; file++) {
            long written = lastWrite(file, seq);
            if (written > 0) {
                var path = path(file);
                entries.put(
                        path.parent().orElseThrow(),
                        ManifestEntry.directory(path.parent().orElseThrow(), 0755));
                var content = SealedText.of(id(path, written));
                entries.put(
                        path,
                        ManifestEntry.file(
                                path,
                                0644,
                                content.length,
                                1_700_000_000_000_000_000L + written,
                                io.lockstep.digest.Digest.of(content)));
            }
        }
        return new Manifest(List.copyOf(entries.values()));
    }

    /** The seq that last wrote the file up to {@code seq}; 0 when it was deleted since, or never written. */
    private long lastWrite(int file, long seq) {
        long written = 0;
        for (long at = 1; at <= seq; at++) {
            var random = new Random(seed * 1_000_003 + at);
            for (int edit = 0; edit < EDITS; edit++) {
                if (random.nextInt(FILES) == file) {
                    written = random.nextInt(4) == 0 ? 0 : at;
                } else {
                    random.nextInt(4);
                }
            }
        }
        return written;
    }

    private static EntryPath path(int file) {
        return EntryPath.of(TREE + "/d" + file % 4 + "/f" + file + ".xml");
    }

    private static String id(EntryPath path, long written) {
        return path + " of " + written;
    }

    /** The content of a generation's file. */
    static byte[] content(ManifestEntry file) {
        return SealedText.of(id(file.path(), file.mtimeNanos() - 1_700_000_000_000_000_000L));
    }

    /** The paths of all files that some generation may have. */
    static List<EntryPath> paths() {
        var paths = new ArrayList<EntryPath>();
        for (int file = 0; file < FILES; file++) {
            paths.add(path(file));
        }
        return paths;
    }
}
