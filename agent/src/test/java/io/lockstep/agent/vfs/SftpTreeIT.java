package io.lockstep.agent.vfs;

import static io.lockstep.agent.vfs.RemoteFixture.OLD;
import static io.lockstep.agent.vfs.RemoteFixture.byPath;
import static io.lockstep.agent.vfs.RemoteFixture.digest;
import static io.lockstep.agent.vfs.RemoteFixture.order;
import static io.lockstep.agent.vfs.RemoteFixture.put;
import static io.lockstep.agent.vfs.RemoteFixture.scan;
import static io.lockstep.agent.vfs.RemoteFixture.scanned;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.vfs.RemoteFixture.Keeper;
import io.lockstep.agent.vfs.RemoteStep.Effect;
import io.lockstep.agent.vfs.RemoteTree.Fetch;
import io.lockstep.agent.vfs.RemoteTree.Scan;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Finding;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.Sight;
import io.lockstep.mount.TreeSight;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tree on a real sshd. */
class SftpTreeIT {
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final NodeName NODE = new NodeName("gw1");

    private static Sshd sshd;

    @TempDir
    private Path scratch;

    private Path share;
    private RemoteTree tree;

    @BeforeAll
    static void startServer() throws Exception {
        sshd = Sshd.start();
    }

    @AfterAll
    static void endServer() throws Exception {
        if (sshd != null) {
            sshd.close();
        }
    }

    @BeforeEach
    void emptyShare() throws Exception {
        // Names that are no text can't even be named by java.io.
        Sshd.run("find", sshd.share().toString(), "-mindepth", "1", "-delete");
        share = sshd.share();
        put(share, ".lockstep/cluster", "cluster prod");
        sshd.own(share);
        tree = RemoteFixture.tree(sshd.settings(DEADLINE));
    }

    @AfterEach
    void closeConnection() {
        tree.close();
    }

    @Test
    void oddNamesArriveByteForByteWithContentModeAndTime() throws Exception {
        var names = List.of(
                "with space",
                "gr\u00fc\u00dfe \u4f60\u597d.xml",
                "a#b%20c+d&e=f;g",
                "-rf",
                "--delete",
                "100%",
                "%zz",
                "a:b",
                "http:x",
                "star*",
                "what?",
                "back\\slash",
                "[x]",
                "'q\"",
                "new\nline",
                "~",
                "a//b".replace("//", "/"),
                "...",
                " ");
        for (var name : names) {
            var file = put(share, name, "<" + name + ">");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        }
        // A name need not be UTF-8.
        Sshd.run(
                "sh",
                "-c",
                "printf latin > \"$(printf '" + share + "/caf\\351')\"; touch -d @" + OLD + " " + share + "/caf*");
        sshd.own(share);

        var found = byPath(scanned(tree));

        for (var name : names) {
            var finding = RemoteFixture.file(found, EntryPath.of(name).toString());
            assertThat(finding.digest()).as(name).isEqualTo(digest("<" + name + ">"));
            assertThat(finding.mode()).as(name).isEqualTo(0640);
            assertThat(finding.stamp().mtimeNanos()).as(name).isEqualTo(OLD * 1_000_000_000L);
            var target = scratch.resolve("fetched");
            assertThat(tree.fetch(EntryPath.of(name), target)).isEqualTo(new Fetch.Fetched(digest("<" + name + ">")));
            assertThat(target).hasContent("<" + name + ">");
        }
        assertThat(RemoteFixture.file(found, "caf\\xe9").digest()).isEqualTo(digest("latin"));
        // The directory of the one name with a slash, and the two that are not among the names.
        assertThat(found).hasSize(names.size() + 2);
    }

    @Test
    void oddNamesAreWrittenAndRemovedByteForByte() throws Exception {
        var names =
                List.of("with space", "gr\u00fc\u00dfe", "a#b%20c+d", "-rf", "star*", "what?", "back\\slash", "a:b");
        // What a pattern would match too must stay as it is.
        put(share, "starfish", "untouched");
        put(share, "whatX", "untouched");
        sshd.own(share);
        var keeper = new Keeper().has("one", "two").knows("one", "two");
        for (var text : List.of("one", "two")) {
            var orders = names.stream()
                    .<RemoteOrder>map(name -> order(name, text, OLD * 1_000_000_000L + 5))
                    .toList();
            var written = tree.write(orders, "gw1", scratch, keeper);
            assertThat(written.stopped()).isEmpty();
            assertThat(written.steps()).extracting(RemoteStep::effect).containsOnly(Effect.DONE);
        }
        for (var name : names) {
            assertThat(share.resolve(name)).hasContent("two");
            assertThat(Files.getLastModifiedTime(share.resolve(name)))
                    .isEqualTo(FileTime.from(Instant.ofEpochSecond(OLD)));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(share.resolve(name))))
                    .isEqualTo("rw-r-----");
            assertThat(keeper.trashed).containsEntry(EntryPath.of(name).toString(), "one");
        }
        var removals = names.stream()
                .<RemoteOrder>map(name -> new RemoteOrder.RemoveFile(EntryPath.of(name)))
                .toList();
        assertThat(tree.write(removals, "gw1", scratch, keeper).steps())
                .extracting(RemoteStep::effect)
                .containsOnly(Effect.DONE);
        assertThat(share.resolve("starfish")).hasContent("untouched");
        assertThat(share.resolve("whatX")).hasContent("untouched");
        try (var left = Files.list(share)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder(".lockstep", "starfish", "whatX");
        }
        assertNothingIsLeftBeside();
    }

    private void assertNothingIsLeftBeside() throws Exception {
        try (var left = Files.list(share.resolve(".lockstep/tmp"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aLinkIsSeenAsOneAndNeverFollowed() throws Exception {
        put(scratch, "outside/secret", "secret");
        put(share, "dir/file", "x");
        Files.createSymbolicLink(share.resolve("link"), share.resolve("dir"));
        Files.createSymbolicLink(share.resolve("dangling"), Path.of("nowhere"));
        Files.createSymbolicLink(share.resolve("dir/file-link"), share.resolve("dir/file"));
        Sshd.run("mkfifo", share.resolve("pipe").toString());
        sshd.own(share);

        var found = byPath(scanned(tree));

        assertThat(found)
                .containsEntry("link", new Finding.Special(EntryPath.of("link"), EntryType.SYMLINK))
                .containsEntry("dangling", new Finding.Special(EntryPath.of("dangling"), EntryType.SYMLINK))
                .containsEntry("dir/file-link", new Finding.Special(EntryPath.of("dir/file-link"), EntryType.SYMLINK))
                .containsEntry("pipe", new Finding.Special(EntryPath.of("pipe"), EntryType.FIFO))
                .containsOnlyKeys("link", "dangling", "dir", "dir/file", "dir/file-link", "pipe");
        assertThat(tree.fetch(EntryPath.of("dir/file-link"), scratch.resolve("t")))
                .isInstanceOf(Fetch.Changed.class);
    }

    @Test
    void nothingIsWrittenThroughALink() throws Exception {
        var elsewhere = Files.createDirectory(
                share.resolveSibling("elsewhere-" + ProcessHandle.current().pid()));
        try {
            Files.createSymbolicLink(share.resolve("link"), elsewhere);
            put(elsewhere, "victim", "victim");
            sshd.own(share);
            sshd.own(elsewhere);
            var keeper = new Keeper().has("new").knows("victim");
            List<RemoteOrder> orders = List.of(
                    order("link/new", "new", 0),
                    order("link", "new", 0),
                    new RemoteOrder.RemoveFile(EntryPath.of("link/victim")),
                    new RemoteOrder.MakeDirectory(EntryPath.of("link/dir"), 0755));

            var written = tree.write(orders, "gw1", scratch, keeper);

            assertThat(written.steps()).extracting(RemoteStep::effect).containsOnly(Effect.FOREIGN);
            try (var left = Files.list(elsewhere)) {
                assertThat(left.map(path -> path.getFileName().toString())).containsExactly("victim");
            }
            assertThat(share.resolve("link")).isSymbolicLink();
        } finally {
            org.apache.commons.io.FileUtils.deleteDirectory(elsewhere.toFile());
        }
    }

    @Test
    void aDirectoryThatCannotBeReadIsUnreadableAndNotAbsent() throws Exception {
        put(share, "closed/file", "x");
        var file = put(share, "secret", "x");
        sshd.own(share);
        Files.setPosixFilePermissions(share.resolve("closed"), PosixFilePermissions.fromString("---------"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        try {
            assertThat(byPath(scanned(tree)))
                    .isEqualTo(Map.of(
                            "closed",
                            new Finding.Unreadable(EntryPath.of("closed"), EntryType.DIRECTORY, "EACCES"),
                            "secret",
                            new Finding.Unreadable(EntryPath.of("secret"), EntryType.FILE, "EACCES")));
            assertThat(tree.fetch(EntryPath.of("closed/file"), scratch.resolve("t")))
                    .isInstanceOf(Fetch.Unreadable.class);
        } finally {
            Files.setPosixFilePermissions(share.resolve("closed"), PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void aShareThatCannotBeReadIsNoEmptyShare() throws Exception {
        put(share, "file", "x");
        sshd.own(share);
        Files.setPosixFilePermissions(share, PosixFilePermissions.fromString("---------"));
        try {
            assertThat(scan(tree, Optional.empty()))
                    .matches(scan -> ((Scan.Failed) scan).reason() == Reason.NO_PERMISSION);
        } finally {
            Files.setPosixFilePermissions(share, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        var gone = new RemoteSettings(
                "server", sshd.uri(share.resolve("gone")), Optional.of(sshd.credentials()), DEADLINE);
        try (var absent = RemoteFixture.tree(gone)) {
            assertThat(scan(absent, Optional.empty()))
                    .matches(scan -> ((Scan.Failed) scan).reason() == Reason.SHARE_MISSING);
            assertThat(absent.glance().directory()).isEqualTo(new Sight.Absent<>());
        }
    }

    @Test
    void anUnchangedTreeIsNotReadAgain() throws Exception {
        put(share, "dir/a", "a");
        put(share, "dir/b", "b");
        sshd.own(share);
        probe();

        var first = scanned(tree);
        var second = scanned(tree, Optional.of(first));
        put(share, "dir/b", "changed");
        var third = scanned(tree, Optional.of(second));

        assertThat(first.hashedFiles()).isEqualTo(2);
        assertThat(second.hashedFiles()).isZero();
        assertThat(second.findings()).isEqualTo(first.findings());
        assertThat(third.hashedFiles()).isEqualTo(1);
        assertThat(RemoteFixture.file(byPath(third), "dir/b").digest()).isEqualTo(digest("changed"));
    }

    @Test
    void aFileThatIsBeingWrittenIsUnstableUntilItHasBeenQuiet() throws Exception {
        put(share, "old", "x");
        Files.writeString(share.resolve("fresh"), "half");
        Files.writeString(share.resolve("future"), "x");
        Files.setLastModifiedTime(share.resolve("future"), FileTime.from(Instant.ofEpochSecond(4_000_000_000L)));
        sshd.own(share);
        probe();
        // However slow this machine is, the beacon is as young as the file.
        Files.setLastModifiedTime(
                share.resolve("fresh"), Files.getLastModifiedTime(share.resolve(".lockstep/beacons/gw1")));

        var found = byPath(scanned(tree));

        assertThat(found.get("fresh")).isEqualTo(new Finding.Unstable(EntryPath.of("fresh")));
        assertThat(found.get("old")).isInstanceOf(Finding.RegularFile.class);
        // A time that somebody set says nothing of when, so that it can't be waited for; it is read each time.
        assertThat(found.get("future")).isInstanceOf(Finding.RegularFile.class);
        var again = scanned(tree, Optional.of(scanned(tree)));
        assertThat(again.hashedFiles()).isEqualTo(1);
    }

    @Test
    void withoutTheServersClockEverythingIsReadEachTime() throws Exception {
        put(share, "a", "a");
        Files.writeString(share.resolve("fresh"), "x");
        sshd.own(share);

        var first = scanned(tree);
        var second = scanned(tree, Optional.of(first));

        assertThat(first.hashedFiles()).isEqualTo(2);
        assertThat(second.hashedFiles()).isEqualTo(2);
    }

    private TreeSight probe() {
        try (var probe = RemoteFixture.probe(sshd.settings(DEADLINE))) {
            return probe.probe(new Beacon(NODE, 7, 1), List.of(NODE, new NodeName("gw2")));
        }
    }

    @Test
    void aProbeWritesItsBeaconAndReadsThoseOfOthers() {
        var sight = probe();

        assertThat(sight.written()).isEqualTo(new Sight.Seen<>(new Beacon(NODE, 7, 1)));
        assertThat(sight.peers())
                .containsEntry(NODE, new Sight.Seen<>(new Beacon(NODE, 7, 1)))
                .containsEntry(new NodeName("gw2"), new Sight.Absent<>());
    }

    @Test
    void aBeaconThatCannotBeWrittenIsRefusedAndTheMarkerIsSeen() throws Exception {
        Files.setPosixFilePermissions(share.resolve(".lockstep"), PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            var sight = probe();
            assertThat(sight.marker()).isInstanceOf(Sight.Seen.class);
            assertThat(sight.written()).isEqualTo(new Sight.Refused<>("write", "EACCES"));
        } finally {
            Files.setPosixFilePermissions(share.resolve(".lockstep"), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void whatNobodyKnowsIsLeftAlone() throws Exception {
        put(share, "theirs", "foreign");
        put(share, "gone", "foreign");
        sshd.own(share);
        var keeper = new Keeper().has("ours");

        var written = tree.write(
                List.of(order("theirs", "ours", 0), new RemoteOrder.RemoveFile(EntryPath.of("gone"))),
                "gw1",
                scratch,
                keeper);

        assertThat(written.steps()).extracting(RemoteStep::effect).containsOnly(Effect.FOREIGN);
        assertThat(share.resolve("theirs")).hasContent("foreign");
        assertThat(share.resolve("gone")).hasContent("foreign");
        assertNothingIsLeftBeside();
    }

    @Test
    void whatIsWrittenBetweenTheLookAndTheSwapIsLeftAlone() throws Exception {
        put(share, "a", "old");
        sshd.own(share);
        var keeper = new Keeper().has("ours").knows("old");
        keeper.afterKeep = () -> RemoteFixture.write(share.resolve("a"), "written meanwhile");

        var written = tree.write(List.of(order("a", "ours", 0), order("b", "ours", 0)), "gw1", scratch, keeper);

        assertThat(written.steps()).extracting(RemoteStep::effect).containsExactly(Effect.FOREIGN, Effect.DONE);
        assertThat(share.resolve("a")).hasContent("written meanwhile");
        assertNothingIsLeftBeside();
    }

    @Test
    void whatAppearsWhereNothingWasIsLeftAlone() throws Exception {
        var keeper = new Keeper().has("ours");
        keeper.beforeContent = () -> RemoteFixture.write(share.resolve("a"), "theirs");

        var written = tree.write(List.of(order("a", "ours", 0)), "gw1", scratch, keeper);

        assertThat(written.steps()).extracting(RemoteStep::effect).containsExactly(Effect.FOREIGN);
        assertThat(share.resolve("a")).hasContent("theirs");
    }

    @Test
    void whatACrashLeftBesideTheTreeIsKeptUnderItsPath() throws Exception {
        put(share, ".lockstep/tmp/gw1.journal", "lockstep-remote-journal 1\ndir/a\nb c\n");
        put(share, ".lockstep/tmp/gw1.0.old", "known");
        put(share, ".lockstep/tmp/gw1.1.old", "unknown");
        put(share, ".lockstep/tmp/gw1.1.new", "half");
        put(share, ".lockstep/tmp/gw2.0.old", "another node's");
        sshd.own(share);
        var keeper = new Keeper().knows("known");

        var written = tree.write(List.of(), "gw1", scratch, keeper);

        assertThat(written.stopped()).isEmpty();
        assertThat(keeper.trashed).containsExactly(Map.entry("dir/a", "known"));
        assertThat(keeper.conflicts).containsExactly(Map.entry("b c", "unknown"));
        try (var left = Files.list(share.resolve(".lockstep/tmp"))) {
            assertThat(left.map(path -> path.getFileName().toString())).containsExactly("gw2.0.old");
        }
    }

    @Test
    void attributesAloneAreSetInPlaceAndADirectoryGivesWayToAFile() throws Exception {
        put(share, "a", "same");
        Files.createDirectory(share.resolve("dir"));
        sshd.own(share);
        var inode = Files.getAttribute(share.resolve("a"), "unix:ino");
        var keeper = new Keeper().has("same");
        List<RemoteOrder> orders = List.of(
                new RemoteOrder.MakeDirectory(EntryPath.of("new/".replace("/", "")), 0750),
                order("a", "same", (OLD + 60) * 1_000_000_000L),
                order("dir", "same", OLD * 1_000_000_000L),
                new RemoteOrder.RemoveDirectory(EntryPath.of("absent")));

        var written = tree.write(orders, "gw1", scratch, keeper);

        assertThat(written.steps())
                .extracting(RemoteStep::effect)
                .containsExactly(Effect.DONE, Effect.DONE, Effect.DONE, Effect.UNCHANGED);
        assertThat(Files.getAttribute(share.resolve("a"), "unix:ino")).isEqualTo(inode);
        assertThat(Files.getLastModifiedTime(share.resolve("a")))
                .isEqualTo(FileTime.from(Instant.ofEpochSecond(OLD + 60)));
        assertThat(share.resolve("dir")).hasContent("same");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(share.resolve("new"))))
                .isEqualTo("rwxr-x---");
        assertThat(Files.isDirectory(share.resolve("new"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
    }

    @Test
    void aLargeFileIsWholeOrNotTold() throws Exception {
        var content = "0123456789abcdef".repeat(200_000);
        put(share, "large", content);
        sshd.own(share);

        var found = RemoteFixture.file(byPath(scanned(tree)), "large");

        assertThat(found.digest()).isEqualTo(digest(content));
        var keeper = new Keeper().has(content + "!").knows(content);
        assertThat(tree.write(List.of(order("large", content + "!", 0)), "gw1", scratch, keeper)
                        .steps())
                .extracting(RemoteStep::effect)
                .containsExactly(Effect.DONE);
        assertThat(Files.readString(share.resolve("large"), StandardCharsets.UTF_8))
                .isEqualTo(content + "!");
    }
}
