package io.lockstep.agent.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Everything that can happen to a file while a share goes its own way, and what must be live afterwards: changed, deleted
 * and new on one side, changed on both, deleted on one and changed on the other.
 */
final class Divergence {
    private static final String DIRECTORY = "synapse-configs/default/sequences/";
    private static final long SECOND = 1_000_000_000L;

    private final String name;
    private final int newFiles;
    private final Map<String, SeenTree.Entry> expected = new TreeMap<>();

    /**
     * One whose files have {@code name} in their names.
     *
     * @param newFiles how many files are new on each side
     */
    Divergence(String name, int newFiles) {
        this.name = name;
        this.newFiles = newFiles;
    }

    private String file(String what) {
        return DIRECTORY + name + "-" + what + ".xml";
    }

    /** The file that both sides change. */
    String contested() {
        return file("both");
    }

    String contentOfLive() {
        return content("both", "live");
    }

    String contentOfShare() {
        return content("both", "share");
    }

    private String content(String what, String side) {
        return "<sequence xmlns=\"http://ws.apache.org/ns/synapse\" name=\"" + name + "-" + what + "\"><!-- " + side
                + " --></sequence>\n";
    }

    private void write(Path root, String what, String side) throws IOException {
        var path = root.resolve(file(what));
        var directory = Files.createDirectories(Objects.requireNonNull(path.getParent()));
        // The time belongs to a file's identity, and two writes in one tick must differ.
        long time = (1_700_000_000L + side.length()) * SECOND + what.length();
        SeenTree.write(
                directory,
                Objects.requireNonNull(path.getFileName()).toString().getBytes(StandardCharsets.UTF_8),
                content(what, side).getBytes(StandardCharsets.UTF_8),
                time);
    }

    private void delete(Path root, String what) throws IOException {
        Files.delete(root.resolve(file(what)));
    }

    /** What both sides have before they part. */
    void before(Path share) throws IOException {
        for (var what : new String[] {
            "both",
            "live-only",
            "share-only",
            "live-deletes",
            "share-deletes",
            "live-deletes-changed",
            "share-deletes-changed"
        }) {
            write(share, what, "base");
        }
    }

    /** The live side goes its way. */
    void live(Path root) throws IOException {
        write(root, "both", "live");
        write(root, "live-only", "live");
        delete(root, "live-deletes");
        delete(root, "live-deletes-changed");
        write(root, "share-deletes-changed", "live");
        for (int i = 0; i < newFiles; i++) {
            write(root, "live-new-" + i, "live");
        }
        expected.putAll(SeenTree.look(root));
    }

    /** The share goes its own, after {@link #live}. */
    void share(Path root) throws IOException {
        write(root, "both", "share");
        write(root, "share-only", "share");
        delete(root, "share-deletes");
        delete(root, "share-deletes-changed");
        write(root, "live-deletes-changed", "share");
        for (int i = 0; i < newFiles; i++) {
            write(root, "share-new-" + i, "share");
        }
        var seen = SeenTree.look(root);
        expected.remove(file("share-deletes"));
        expect(seen, "share-only");
        expect(seen, "live-deletes-changed");
        for (int i = 0; i < newFiles; i++) {
            expect(seen, "share-new-" + i);
        }
    }

    private void expect(Map<String, SeenTree.Entry> seen, String what) {
        expected.put(file(what), Objects.requireNonNull(seen.get(file(what))));
    }

    /** What every node and the share have in the end. */
    Map<String, SeenTree.Entry> expected() {
        return expected;
    }

    /** How many of the live side's new files are there. */
    long newFilesOfLiveIn(Path root) throws IOException {
        try (var files = Files.list(root.resolve(DIRECTORY))) {
            var prefix = name + "-live-new-";
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith(prefix))
                    .count();
        }
    }
}
