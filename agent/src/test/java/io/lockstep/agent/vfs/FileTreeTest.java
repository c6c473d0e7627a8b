package io.lockstep.agent.vfs;

import static io.lockstep.agent.vfs.RemoteFixture.OLD;
import static io.lockstep.agent.vfs.RemoteFixture.byPath;
import static io.lockstep.agent.vfs.RemoteFixture.digest;
import static io.lockstep.agent.vfs.RemoteFixture.order;
import static io.lockstep.agent.vfs.RemoteFixture.put;
import static io.lockstep.agent.vfs.RemoteFixture.scanned;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.vfs.RemoteFixture.Keeper;
import io.lockstep.agent.vfs.RemoteStep.Effect;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Finding;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.Sight;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tree on VFS's provider for local files: one that knows no modes, no second names, and can't replace a file. */
class FileTreeTest {
    @TempDir
    private Path directory;

    private Path share;
    private RemoteSettings settings;
    private RemoteTree tree;

    @BeforeEach
    void share() throws Exception {
        share = Files.createDirectory(directory.resolve("sh\u00e4re #1"));
        put(share, ".lockstep/cluster", "cluster prod");
        settings = new RemoteSettings("server", share.toUri(), Optional.empty(), Duration.ofSeconds(10));
        tree = RemoteFixture.tree(settings);
    }

    @AfterEach
    void closeTree() {
        tree.close();
    }

    @Test
    void filesAndDirectoriesAreFoundWithoutModes() throws Exception {
        put(share, "dir/a b%20#\u00fc", "a");
        put(share, "X.back", "x");
        Files.createSymbolicLink(share.resolve("link"), share.resolve("dir"));

        var found = byPath(scanned(tree));

        assertThat(found).containsOnlyKeys("dir", "dir/a b%20#\u00fc", "X.back", "link");
        assertThat(found.get("link")).isEqualTo(new Finding.Special(EntryPath.of("link"), EntryType.SYMLINK));
        assertThat(found.get("X.back")).isInstanceOf(Finding.Reported.class);
        var file = RemoteFixture.file(found, "dir/a b%20#\u00fc");
        assertThat(file.digest()).isEqualTo(digest("a"));
        assertThat(file.mode()).isEqualTo(RemoteTree.DEFAULT_FILE_MODE);
        assertThat(file.stamp().mtimeNanos()).isEqualTo(OLD * 1_000_000_000L);
    }

    @Test
    void aProbeSeesMarkerAndBeacons() {
        var gw1 = new NodeName("gw1");
        try (var probe = RemoteFixture.probe(settings)) {
            var sight = probe.probe(new Beacon(gw1, 7, 3), List.of(gw1));
            assertThat(sight.written()).isEqualTo(new Sight.Seen<>(new Beacon(gw1, 7, 3)));
            assertThat(sight.peers()).isEqualTo(Map.of(gw1, new Sight.Seen<>(new Beacon(gw1, 7, 3))));
        }
    }

    @Test
    void aShareWithoutAMarkerOrWithARottenOneIsToldApart() throws Exception {
        Files.writeString(share.resolve(".lockstep/cluster"), "rotten");
        assertThat(tree.glance().marker()).isEqualTo(new Sight.Refused<>("read", "EBADMSG"));
        Files.delete(share.resolve(".lockstep/cluster"));
        assertThat(tree.glance().marker()).isEqualTo(new Sight.Absent<>());
    }

    @Test
    void manyMembersTakeTurns() {
        var peers = java.util.stream.IntStream.range(0, 40)
                .mapToObj(i -> new NodeName("gw" + i))
                .toList();
        try (var probe = RemoteFixture.probe(settings)) {
            var beacon = new Beacon(new NodeName("gw1"), 7, 3);
            long[] tried = new long[3];
            for (int look = 0; look < 3; look++) {
                var sights = probe.probe(beacon, peers).peers();
                tried[look] = sights.values().stream()
                        .filter(sight -> !(sight instanceof Sight.NotTried))
                        .count();
            }
            assertThat(tried).containsExactly(16, 32, 40);
        }
    }

    @Test
    void aFileIsReplacedByWayOfTwoRenamesAndWhatGaveWayIsKept() throws Exception {
        put(share, "a", "old");
        put(share, "gone", "gone");
        var keeper = new Keeper().has("new").knows("old", "gone");

        var written = tree.write(
                List.of(
                        new RemoteOrder.MakeDirectory(EntryPath.of("dir"), 0755),
                        order("a", "new", OLD * 1_000_000_000L + 7),
                        order("dir/b", "new", OLD * 1_000_000_000L + 7),
                        order("c", "unknown content", 0),
                        new RemoteOrder.RemoveFile(EntryPath.of("gone")),
                        new RemoteOrder.RemoveDirectory(EntryPath.of("dir"))),
                "gw1",
                directory,
                keeper);

        assertThat(written.steps())
                .extracting(RemoteStep::effect)
                .containsExactly(
                        Effect.DONE, Effect.DONE, Effect.DONE, Effect.CONTENT_MISSING, Effect.DONE, Effect.NOT_EMPTY);
        assertThat(share.resolve("a")).hasContent("new");
        assertThat(Files.getLastModifiedTime(share.resolve("a")).toMillis()).isEqualTo(OLD * 1000);
        assertThat(share.resolve("gone")).doesNotExist();
        assertThat(keeper.trashed).isEqualTo(Map.of("a", "old", "gone", "gone"));
        try (var left = Files.list(share.resolve(".lockstep/tmp"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aCrashBetweenTheTwoRenamesIsMendedByTheNextRun() throws Exception {
        put(share, ".lockstep/tmp/gw1.journal", "lockstep-remote-journal 1\ndir/a\nb\n");
        put(share, ".lockstep/tmp/gw1.0.old", "old a");
        put(share, ".lockstep/tmp/gw1.0.new", "new a");
        put(share, ".lockstep/tmp/gw1.1.old", "old b");
        put(share, "b", "new b");
        Files.createDirectory(share.resolve("dir"));
        var keeper = new Keeper();

        tree.write(List.of(), "gw1", directory, keeper);

        // The name that had nothing has its file again; where the new one had arrived, the old one is kept.
        assertThat(share.resolve("dir/a")).hasContent("old a");
        assertThat(share.resolve("b")).hasContent("new b");
        assertThat(keeper.conflicts).isEqualTo(Map.of("b", "old b"));
        try (var left = Files.list(share.resolve(".lockstep/tmp"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void withoutAPlaceForWhatGivesWayNothingIsReplaced() throws Exception {
        put(share, "a", "old");
        var keeper = new Keeper().has("new").knows("old");
        var refusing = new RemoteKeeper() {
            @Override
            public Optional<java.io.InputStream> content(io.lockstep.digest.Digest digest) {
                return keeper.content(digest);
            }

            @Override
            public boolean isKnown(EntryPath path, io.lockstep.digest.Digest digest) {
                return keeper.isKnown(path, digest);
            }

            @Override
            public void keep(EntryPath path, Path copy, io.lockstep.digest.Digest digest) throws java.io.IOException {
                throw new java.io.IOException("no space left");
            }
        };

        var written = tree.write(List.of(order("a", "new", 0)), "gw1", directory, refusing);

        assertThat(written.stopped()).hasValueSatisfying(why -> assertThat(why).contains("no space left"));
        assertThat(share.resolve("a")).hasContent("old");
    }

    @Test
    void aMarkerIsWrittenOnce() throws Exception {
        Files.delete(share.resolve(".lockstep/cluster"));

        assertThat(tree.mark("cluster one")).isInstanceOf(RemoteTree.Marking.Marked.class);
        assertThat(tree.mark("cluster two")).isInstanceOf(RemoteTree.Marking.IsThere.class);
        assertThat(share.resolve(".lockstep/cluster")).hasContent("cluster one");
        var gone = new RemoteSettings(
                "server", directory.resolve("gone").toUri(), Optional.empty(), Duration.ofSeconds(10));
        try (var absent = RemoteFixture.tree(gone)) {
            assertThat(absent.mark("cluster one")).isInstanceOf(RemoteTree.Marking.Refused.class);
        }
    }
}
