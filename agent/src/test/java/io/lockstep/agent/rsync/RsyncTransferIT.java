package io.lockstep.agent.rsync;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.ManifestEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Transfers by the real rsync that go well, or as well as the replica allows. */
@Timeout(120)
class RsyncTransferIT {
    @TempDir
    Path directory;

    private TransferFixture fixture;

    @BeforeEach
    void prepare() throws Exception {
        fixture = new TransferFixture(directory);
    }

    @AfterEach
    void nothingIsLeftBehind() throws Exception {
        assertThat(fixture.processesLeft()).isEmpty();
        assertThat(TransferFixture.threadsLeft()).isEmpty();
        assertThat(fixture.work).isEmptyDirectory();
    }

    private void transferCompletely(List<ManifestEntry> entries) throws Exception {
        var outcomes = fixture.transfer(entries);

        assertThat(outcomes.pulled().message()).isEqualTo("rsync: all files were transferred (exit code 0, success)");
        assertThat(outcomes.served().message()).isEqualTo("rsync: all files were transferred (exit code 0, success)");
        assertThat(fixture.notArrived(entries)).isEmpty();
        assertThat(fixture.stagedNames()).hasSize(entries.size());
        var attributes = Files.readAttributes(fixture.stagedFile(entries.get(0)), PosixFileAttributes.class);
        assertThat(attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS)).isEqualTo(TransferFixture.MTIME_NANOS);
        assertThat(PosixFilePermissions.toString(attributes.permissions())).isEqualTo("rw-------");
    }

    @Test
    void oneFileArrivesWithItsTimeToTheNanosecondAndItsMode() throws Exception {
        transferCompletely(List.of(fixture.file("api/Echo.xml", "<api/>")));
    }

    @Test
    void anEmptyFileArrives() throws Exception {
        transferCompletely(List.of(fixture.file("empty", "")));
    }

    @Test
    void namesOfAnyBytesArrive() throws Exception {
        var entries = new ArrayList<ManifestEntry>();
        for (var name :
                List.of("#comment", ";comment", "-c", "--delete", " lead", "trail ", "a\nb", "tab\t", "\\#012")) {
            entries.add(fixture.file(name, "content of " + name));
            entries.add(fixture.file("d" + name + "/" + name, "below " + name));
        }
        for (var name :
                List.of("*", "?", "[a]", "host:file", "::module", "~", "$(id)", "'", "\"", "ü", ".hidden", "...")) {
            entries.add(fixture.file(name, "content of " + name));
        }
        entries.add(fixture.file("x".repeat(255), "long"));
        entries.add(fixture.file(EntryPath.ofBytes(new byte[] {'i', (byte) 0xff, (byte) 0xfe}), new byte[] {1}));
        entries.add(fixture.file(EntryPath.ofBytes(new byte[] {(byte) 0xc3, '/', 1, 0x7f}), new byte[] {2}));

        transferCompletely(entries);
    }

    @Test
    void aThousandFilesArrive() throws Exception {
        var entries = new ArrayList<ManifestEntry>();
        for (int i = 0; i < 1000; i++) {
            entries.add(fixture.file("api/" + i % 7 + "/Api" + i + ".xml", "<api name='" + i + "'/>"));
        }
        transferCompletely(entries);
    }

    @Test
    void fiftyMegabytesArrive() throws Exception {
        var content = new byte[50_000_000];
        new Random(1).nextBytes(content);
        transferCompletely(List.of(fixture.file(EntryPath.of("carbonapps/big.car"), content)));
    }

    @Test
    void anEmptySetEmptiesTheStagingDirectoryAndIsComplete() throws Exception {
        Files.writeString(fixture.staging.resolve("old"), "x");

        var outcomes = fixture.transfer(List.of());

        assertThat(outcomes.pulled().isComplete()).isTrue();
        assertThat(fixture.staging).isEmptyDirectory();
    }

    @Test
    void leftoversOfAnEarlierPullAreReplacedOrRemoved() throws Exception {
        var entry = fixture.file("a/b", "right");
        // Same size and time, other bytes: rsync's own quick check would keep it.
        Files.createDirectories(fixture.staging.resolve("a"));
        Files.writeString(fixture.staging.resolve("a/b"), "wrong");
        Files.setLastModifiedTime(
                fixture.staging.resolve("a/b"), FileTime.from(TransferFixture.MTIME_NANOS, TimeUnit.NANOSECONDS));
        Files.writeString(fixture.staging.resolve("a/.b.Xy12Zw"), "torn");
        Files.createDirectories(fixture.staging.resolve("old/deep"));
        Files.createSymbolicLink(fixture.staging.resolve("link"), fixture.replica);

        transferCompletely(List.of(entry));

        assertThat(fixture.stagedNames()).containsExactly("a/b");
        assertThat(fixture.staging.resolve("old")).doesNotExist();
        assertThat(fixture.replica.resolve("a/b")).exists();
    }

    @Test
    void aFileThatTheServerLacksIsNamedAndTheOthersArrive() throws Exception {
        var here = fixture.file("here", "1");
        var gone = fixture.file("dir/gone", "2");
        Files.delete(fixture.replica.resolve("dir/gone"));

        var outcomes = fixture.transfer(List.of(here, gone));

        assertThat(outcomes.pulled().reason()).isEqualTo(RsyncReason.PARTIAL);
        assertThat(outcomes.pulled().missing()).containsExactly(EntryPath.of("dir/gone"));
        assertThat(outcomes.served().missing()).containsExactly(EntryPath.of("dir/gone"));
        assertThat(fixture.notArrived(List.of(here, gone))).containsExactly(gone);
    }

    @Test
    void noLinkLeadsTheServerOutOfItsReplica() throws Exception {
        var secret = Files.createDirectory(directory.resolve("outside"));
        Files.writeString(secret.resolve("key"), "SECRET");
        var fine = fixture.file("fine", "1");
        Files.createSymbolicLink(fixture.replica.resolve("parent"), Path.of("../outside"));
        Files.createSymbolicLink(fixture.replica.resolve("leaf"), secret.resolve("key"));
        var key = item("leaf", secret.resolve("key"));
        var set = new FileSet(List.of(
                FileSet.ofEntries(List.of(fine)).files().get(0), key, item("parent/key", secret.resolve("key"))));

        var outcomes = fixture.transfer(set, set, TransferFixture.LIMITS);

        assertThat(outcomes.served().missing()).containsExactly(EntryPath.of("leaf"), EntryPath.of("parent/key"));
        assertThat(outcomes.pulled().reason()).isEqualTo(RsyncReason.PARTIAL);
        assertThat(fixture.stagedNames()).containsExactly("fine");
    }

    private static FileSet.Item item(String path, Path like) throws IOException {
        long mtimeNanos = Files.getLastModifiedTime(like).to(TimeUnit.NANOSECONDS);
        return new FileSet.Item(EntryPath.of(path), Files.size(like), mtimeNanos);
    }

    @Test
    void aDirectoryInThePlaceOfAFileIsNotTransferred() throws Exception {
        var entry = fixture.file("a", "1");
        Files.delete(fixture.replica.resolve("a"));
        Files.createDirectory(fixture.replica.resolve("a"));

        var outcomes = fixture.transfer(List.of(entry));

        assertThat(outcomes.pulled().missing()).containsExactly(EntryPath.of("a"));
        assertThat(fixture.staging).isEmptyDirectory();
    }

    @Test
    void aWrongDigestIsFoundEvenAtTheSameSize() throws Exception {
        var entry = fixture.file("a", "right");
        fixture.file("a", "wrong");

        var outcomes = fixture.transfer(List.of(entry));

        assertThat(outcomes.pulled().isComplete()).isTrue();
        assertThat(fixture.notArrived(List.of(entry))).containsExactly(entry);
    }

    @Test
    void aFileThatWasWrittenSinceItsScanIsNotOffered() throws Exception {
        var entry = fixture.file("a", "right");
        Files.writeString(fixture.replica.resolve("a"), "wrong");

        var outcomes = fixture.transfer(List.of(entry));

        assertThat(outcomes.served().missing()).containsExactly(EntryPath.of("a"));
        assertThat(outcomes.pulled().missing()).containsExactly(EntryPath.of("a"));
    }

    @Test
    void whatArrivesIsForTheAgentAloneWhateverThePeerClaims() throws Exception {
        var entry = fixture.file("a", "1");
        Files.setAttribute(fixture.replica.resolve("a"), "unix:mode", 0106755);

        fixture.transfer(List.of(entry));

        assertThat((int) Files.getAttribute(fixture.stagedFile(entry), "unix:mode") & 07777)
                .isEqualTo(0600);
    }

    @Test
    void aLinkInTheStagingDirectoryIsNeverFollowedByTheCheck() throws Exception {
        var entry = fixture.file("d/a", "1");
        Files.createSymbolicLink(fixture.staging.resolve("d"), fixture.replica.resolve("d"));

        assertThat(fixture.staged.digest(TransferFixture.inTree(entry))).isEmpty();
    }
}
