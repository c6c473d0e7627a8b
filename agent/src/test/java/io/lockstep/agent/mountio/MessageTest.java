package io.lockstep.agent.mountio;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lockstep.agent.mountio.ShareService.KnownTree;
import io.lockstep.agent.mountio.ShareService.Problem;
import io.lockstep.agent.mountio.ShareService.ScanOrder;
import io.lockstep.agent.mountio.ShareService.ScannedTree;
import io.lockstep.agent.mountio.ShareService.Staged;
import io.lockstep.agent.mountio.ShareService.WriteOrder;
import io.lockstep.agent.mountio.ShareService.Written;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.Stamp;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.digest.Finding;
import io.lockstep.digest.FindingCodec;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.Marker;
import io.lockstep.mount.Sight;
import io.lockstep.mount.TreeSight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MessageTest {
    private static final Beacon BEACON = new Beacon(new NodeName("gw1"), 0x1234, 9);
    private static final ManifestEntry FILE =
            ManifestEntry.file(EntryPath.of("server/a.xml"), 0644, 3, -5, Digest.of(new byte[] {1}));
    private static final Manifest MANIFEST =
            new Manifest(List.of(ManifestEntry.directory(EntryPath.of("server"), 0), FILE));

    /** Reads a message. */
    private interface Read<T> {
        T read(MessageInput in) throws IOException;
    }

    /** What is read of what was written; every shorter form of it must be refused. */
    private static <T> T carried(MessageOutput.Message message, Read<T> read) throws IOException {
        var bytes = MessageOutput.bytesOf(message);
        for (int length = 0; length < bytes.length; length++) {
            var cut = new MessageInput(Arrays.copyOf(bytes, length));
            assertThatExceptionOfType(MalformedFrameException.class)
                    .as("%d of %d bytes", length, bytes.length)
                    .isThrownBy(() -> read.read(cut));
        }
        return read.read(new MessageInput(bytes));
    }

    @Test
    void aHelloArrives() throws IOException {
        var hello = new Hello(3, "1.2.3");

        assertThat(carried(hello::write, Hello::read)).isEqualTo(hello);
    }

    @Test
    void whatDoesNotStartLikeAHelloIsNone() {
        var warning = "OpenJDK 64-Bit Server VM warning".getBytes(StandardCharsets.US_ASCII);
        assertThatExceptionOfType(MalformedFrameException.class)
                .isThrownBy(() -> Hello.read(new MessageInput(warning)));
    }

    @Test
    void settingsArrive() throws IOException {
        var settings = new ChildSettings(
                "gw1",
                "prod",
                4,
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                Duration.ofMillis(250),
                List.of(
                        new ChildSettings.Tree(
                                "server", "/mnt/ä", "", "/var/w", List.of("a"), List.of("*~", ".*"), List.of()),
                        new ChildSettings.Tree(
                                "tenants",
                                "sftp://x",
                                "/etc/login.yml",
                                "/var/t",
                                List.of(),
                                List.of(),
                                List.of("*.back"))));

        assertThat(carried(settings::write, ChildSettings::read)).isEqualTo(settings);
    }

    @Test
    void everyKindOfSightArrives() throws IOException {
        var seen = new TreeSight(
                "server",
                new Sight.Seen<>("8:2"),
                new Sight.Seen<>(new Marker("prod", "s")),
                new Sight.Refused<>("fsync", "EIO"),
                Map.of(
                        new NodeName("gw2"), new Sight.Seen<>(new Beacon(new NodeName("gw2"), -1, 1)),
                        new NodeName("gw3"), new Sight.Absent<>(),
                        new NodeName("gw4"), new Sight.NotTried<>()));

        assertThat(carried(out -> ProbeMessage.write(seen, out), ProbeMessage::read))
                .isEqualTo(seen);
        var order = new ProbeMessage.Order(BEACON, List.of(new NodeName("gw2"), new NodeName("gw3")));
        assertThat(carried(order::write, ProbeMessage.Order::read)).isEqualTo(order);
    }

    @Test
    void aCopyArrives() throws IOException {
        var bits = new BitSet();
        bits.set(3);
        for (var staged : List.of(new Staged(bits, Optional.of("why")), new Staged(new BitSet(), Optional.empty()))) {
            assertThat(carried(out -> StageMessage.write(staged, out), StageMessage::read))
                    .isEqualTo(staged);
        }
        assertThat(carried(out -> StageMessage.writeOrder(List.of(FILE, FILE), out), StageMessage::readOrder))
                .containsExactly(FILE, FILE);
    }

    @Test
    void aWriteArrives() throws IOException {
        var blind = new TreeMap<>(Map.of(EntryPath.of("server/x"), View.BlindSpot.UNSTABLE));
        var order = new WriteOrder(new GenerationId(3, 4), MANIFEST, new View(MANIFEST, blind));
        var written = new Written(1, 2, 3, Optional.of("no room"));

        assertThat(carried(out -> WriteMessage.writeOrder(order, out), WriteMessage::readOrder))
                .isEqualTo(order);
        assertThat(carried(out -> WriteMessage.write(written, out), WriteMessage::read))
                .isEqualTo(written);
    }

    @Test
    void thePartsOfAScanArrive() throws IOException {
        Finding file =
                new Finding.RegularFile(EntryPath.of("a.xml"), new Stamp(1, 2, 3, 4), 0644, Digest.of(new byte[0]));
        Finding unstable = new Finding.Unstable(EntryPath.of("b.xml"));
        var findings = ByteBuffer.allocate(2 * FindingCodec.MAX_BYTES);
        FindingCodec.write(file, findings);
        FindingCodec.write(unstable, findings);
        var kept = new BitSet();
        kept.set(70_000);
        var heard = new Heard();

        ScanMessage.read(ScanMessage.found("server", findings), heard);
        ScanMessage.read(ScanMessage.severed("server", EntryPath.of("d")), heard);
        ScanMessage.read(ScanMessage.scanned("server", new ScannedTree(5, kept, 6, 7)), heard);
        ScanMessage.read(ScanMessage.done(8, 9), heard);
        ScanMessage.read(ScanMessage.failed(new Problem(Reason.STALE_HANDLE, "gone")), heard);

        assertThat(heard.words)
                .containsExactly(
                        "server " + file,
                        "server " + unstable,
                        "server severed d",
                        "server " + new ScannedTree(5, kept, 6, 7),
                        "done 8 9",
                        "failed STALE_HANDLE gone");
    }

    /** Writes down what it hears. */
    private static final class Heard implements ScanMessage.Hearer {
        private final List<String> words = new ArrayList<>();

        @Override
        public void found(String tree, Finding finding) {
            words.add(tree + " " + finding);
        }

        @Override
        public void severed(String tree, EntryPath directory) {
            words.add(tree + " severed " + directory);
        }

        @Override
        public void scanned(String tree, ScannedTree scanned) {
            words.add(tree + " " + scanned);
        }

        @Override
        public void done(long entries, long bytes) {
            words.add("done " + entries + " " + bytes);
        }

        @Override
        public void failed(Problem problem) {
            words.add("failed " + problem.reason() + " " + problem.detail());
        }
    }

    @Test
    void aBatchThatIsTornOrOfNoKindIsRefused() {
        var torn = MessageOutput.bytesOf(out -> {
            out.u8(0);
            out.text("server");
            out.u8('f');
        });
        for (var part : List.of(torn, new byte[] {99}, new byte[0])) {
            assertThatExceptionOfType(MalformedFrameException.class)
                    .isThrownBy(() -> ScanMessage.read(part, new Heard()));
        }
    }

    @Test
    void aMessageThatClaimsTwoGigabytesIsRefusedBeforeAnyMemoryIsTaken() {
        for (int claim : new int[] {Integer.MAX_VALUE, -1, MessageInput.MAX_TEXT_BYTES + 1}) {
            var bytes = MessageOutput.bytesOf(out -> out.i32(claim));
            assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(() -> new MessageInput(bytes).text());
            assertThatExceptionOfType(MalformedFrameException.class)
                    .isThrownBy(() -> StageMessage.readOrder(new MessageInput(bytes)));
        }
    }

    @Test
    void aManifestThatClaimsWhatItHasNotTakesNoMemory() {
        var bytes = MessageOutput.bytesOf(out -> {
            out.text("1.1");
            out.i32(WriteMessage.MAX_MANIFEST_BYTES);
        });

        assertThatExceptionOfType(MalformedFrameException.class)
                .isThrownBy(() -> WriteMessage.readOrder(new MessageInput(bytes)));
    }

    @Test
    void aTableIsKeptUntilAnotherOneComes() throws IOException {
        var tables = new HeldTables();
        List<Finding> findings =
                List.of(new Finding.Unstable(EntryPath.of("a")), new Finding.Unstable(EntryPath.of("b")));

        var first = tables.readOrder(order(7, findings));
        var second = tables.readOrder(order(7, List.of()));

        assertThat(server(first).table().size()).isEqualTo(2);
        assertThat(server(second).table()).isSameAs(server(first).table());
        assertThatExceptionOfType(MalformedFrameException.class)
                .isThrownBy(() -> tables.readOrder(order(8, List.of())));
    }

    private static KnownTree server(ScanOrder order) {
        return requireNonNull(order.known().get("server"));
    }

    /** A scan's body: with a table where there are findings, else with its number alone. */
    private static MessageInput order(long id, List<Finding> findings) {
        return new MessageInput(MessageOutput.bytesOf(out -> {
            out.flag(false);
            out.i32(1);
            out.text("server");
            out.i64(5);
            out.i64(id);
            out.flag(!findings.isEmpty());
            if (!findings.isEmpty()) {
                HeldTables.writeTable(findings, out);
            }
        }));
    }
}
