package io.lockstep.generation;

import static io.lockstep.generation.RandomTrees.directory;
import static io.lockstep.generation.RandomTrees.file;
import static io.lockstep.generation.RandomTrees.manifest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lockstep.digest.Digest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestCodecTest {
    @Test
    void whatIsEncodedIsDecoded() throws Exception {
        for (int seed = 0; seed < 50; seed++) {
            var trees = new RandomTrees(seed);
            var manifest = trees.manifest(trees.below(300));

            var decoded = ManifestCodec.decode(ManifestCodec.encode(manifest));

            assertThat(decoded.entries()).as("seed %d", seed).isEqualTo(manifest.entries());
            assertThat(decoded.root()).isEqualTo(manifest.root());
        }
        assertThat(ManifestCodec.decode(ManifestCodec.encode(Manifest.empty()))).isEqualTo(Manifest.empty());
    }

    @Test
    void theFormIsFrozen() {
        // Other versions of the agent, and manifests on disk, have this form: a change needs a new magic.
        var bytes = ManifestCodec.encode(manifest(file("server/a", "abc")));

        assertThat(new String(bytes, 0, 8, UTF_8)).isEqualTo("LSMANIF1");
        assertThat(Digest.of(bytes)).hasToString("a85e32152dd769dc1eee1dde2b76e5ca3f17e6fa85627903b1bf7d85dfe4d0e1");
    }

    @Test
    void everyTruncationIsRefused() {
        var bytes = ManifestCodec.encode(new RandomTrees(1).manifest(10));
        for (int length = 0; length < bytes.length; length++) {
            assertRefused(Arrays.copyOf(bytes, length));
        }
        assertRefused(Arrays.copyOf(bytes, bytes.length + 1));
    }

    @Test
    void anyChangedByteIsRefusedOrIsAnotherManifestsOnlyForm() {
        var random = new Random(7);
        var bytes = ManifestCodec.encode(new RandomTrees(2).manifest(20));
        int decoded = 0;
        for (int round = 0; round < 20_000; round++) {
            var broken = bytes.clone();
            broken[random.nextInt(broken.length)] ^= (byte) (1 + random.nextInt(255));
            try {
                var manifest = ManifestCodec.decode(broken);
                assertThat(ManifestCodec.encode(manifest)).as("round %d", round).isEqualTo(broken);
                decoded++;
            } catch (MalformedManifestException e) {
                assertThat(e).hasMessageStartingWith("malformed manifest: ");
            }
        }
        // Most bytes are digests and times, of which every value is one: the loop above did see both outcomes.
        assertThat(decoded).isBetween(1, 19_999);
    }

    @Test
    void randomBytesAreRefusedWithTheOneException() {
        var random = new Random(8);
        for (int round = 0; round < 5_000; round++) {
            var tail = new byte[random.nextInt(200)];
            random.nextBytes(tail);
            assertRefused(ByteBuffer.allocate(12 + tail.length)
                    .put("LSMANIF1".getBytes(UTF_8))
                    .putInt(1 + random.nextInt(3))
                    .put(tail)
                    .array());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, Integer.MAX_VALUE, 2_000_001, 1_000})
    void aClaimOfMoreEntriesThanTheBytesHoldIsRefusedBeforeAnythingIsAllocated(int claim) {
        var bytes = ByteBuffer.allocate(1_000).put("LSMANIF1".getBytes(UTF_8)).putInt(claim);

        assertThatExceptionOfType(MalformedManifestException.class)
                .isThrownBy(() -> ManifestCodec.decode(bytes.array()))
                .withMessageContaining("claims " + claim);
    }

    @Test
    void moreThanTheMostEntriesAreRefused() {
        // Bytes enough for all of them: the limit itself must refuse.
        var bytes = new byte[12 + 6 * (ManifestCodec.MAX_ENTRIES + 1)];
        ByteBuffer.wrap(bytes).put("LSMANIF1".getBytes(UTF_8)).putInt(ManifestCodec.MAX_ENTRIES + 1);

        assertThatExceptionOfType(MalformedManifestException.class)
                .isThrownBy(() -> ManifestCodec.decode(bytes))
                .withMessageContaining("claims");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../a", "server/../a", "/a", "a\0b", "", "a//b", "a/", "."})
    void aPathOutsideItsTreeIsRefused(String path) {
        assertRefused(forged(raw("server", 'd', 0755), raw(path, 'd', 0755)));
        assertRefused(forged(raw(path, 'd', 0755)));
    }

    @Test
    void duplicatesDisorderAndEntriesBelowAFileAreRefused() {
        var server = raw("server", 'd', 0755);
        var a = raw("server/a", 'f', 0644);
        var b = raw("server/b", 'f', 0644);

        assertRefused(forged(server, a, a));
        assertRefused(forged(server, b, a));
        assertRefused(forged(server, a, raw("server/a/x", 'f', 0644)));
        assertRefused(forged(a));
        assertRefused(forged(raw("server", 'f', 0644)));
    }

    @Test
    void unknownTypesModesAndNegativeSizesAreRefused() {
        assertRefused(forged(raw("server", 'l', 0755)));
        assertRefused(forged(raw("server", 'd', 04755)));
        var negative = file("server/a", "x").canonicalBytes();
        negative[2 + 8 + 1 + 2] = (byte) 0x80;
        assertRefused(forged(raw("server", 'd', 0755), negative));
    }

    @Test
    void anEntryAloneIsDecodedAndNothingElseIs() throws Exception {
        for (var entry : new RandomTrees(3).manifest(40).entries()) {
            var bytes = entry.canonicalBytes();

            assertThat(ManifestCodec.decodeEntry(bytes)).isEqualTo(entry);
            for (int length = 0; length < bytes.length; length++) {
                var cut = Arrays.copyOf(bytes, length);
                assertThatExceptionOfType(MalformedManifestException.class)
                        .isThrownBy(() -> ManifestCodec.decodeEntry(cut));
            }
            assertThatExceptionOfType(MalformedManifestException.class)
                    .isThrownBy(() -> ManifestCodec.decodeEntry(Arrays.copyOf(bytes, bytes.length + 1)));
        }
        assertThat(ManifestCodec.decodeEntry(directory("a").canonicalBytes())).isEqualTo(directory("a"));
    }

    private static void assertRefused(byte[] bytes) {
        assertThatExceptionOfType(MalformedManifestException.class).isThrownBy(() -> ManifestCodec.decode(bytes));
    }

    /** The bytes of an entry that no factory would make. */
    private static byte[] raw(String path, char type, int mode) {
        var name = path.getBytes(UTF_8);
        int tail = type == 'f' ? 8 + 8 + Digest.BYTES : 0;
        return ByteBuffer.allocate(2 + name.length + 3 + tail)
                .putShort((short) name.length)
                .put(name)
                .put((byte) type)
                .putShort((short) mode)
                .array();
    }

    private static byte[] forged(byte[]... entries) {
        var out = new ByteArrayOutputStream();
        out.writeBytes("LSMANIF1".getBytes(UTF_8));
        out.writeBytes(ByteBuffer.allocate(4).putInt(entries.length).array());
        for (var entry : entries) {
            out.writeBytes(entry);
        }
        return out.toByteArray();
    }
}
