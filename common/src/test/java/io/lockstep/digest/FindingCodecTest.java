package io.lockstep.digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.Stamp;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class FindingCodecTest {
    private static final List<Finding> ONE_OF_EACH = List.of(
            new Finding.RegularFile(
                    EntryPath.of("a/b.xml"),
                    new Stamp(7, -1, Long.MAX_VALUE, Long.MIN_VALUE),
                    0640,
                    Digest.of(new byte[1])),
            new Finding.Directory(EntryPath.of("a"), new Stamp(0, 1, 2, 3), 0777),
            new Finding.Special(EntryPath.ofBytes(new byte[] {(byte) 0xff, 1}), EntryType.FIFO),
            new Finding.Unreadable(EntryPath.of("x"), EntryType.DIRECTORY, "EIO"),
            new Finding.Unstable(EntryPath.of("y")),
            new Finding.Reported(EntryPath.of("z.back"), EntryType.SYMLINK));

    private static ByteBuffer written(List<Finding> findings) {
        var out = ByteBuffer.allocate(findings.size() * FindingCodec.MAX_BYTES);
        findings.forEach(finding -> FindingCodec.write(finding, out));
        return out.flip();
    }

    @Test
    void everyKindIsReadAsItWasWritten() throws MalformedFindingsException {
        var bytes = written(ONE_OF_EACH);
        for (var finding : ONE_OF_EACH) {
            assertThat(FindingCodec.read(bytes)).isEqualTo(finding);
        }
        assertThat(bytes.hasRemaining()).isFalse();
    }

    @Test
    void theLongestFindingFits() throws MalformedFindingsException {
        var name = "n".repeat(EntryPath.MAX_NAME_BYTES);
        var path = EntryPath.of((name + "/").repeat(15) + name);
        var longest = new Finding.Unreadable(path, EntryType.FILE, "E".repeat(255));

        assertThat(path.length()).isEqualTo(EntryPath.MAX_BYTES);
        assertThat(FindingCodec.read(written(List.of(longest)))).isEqualTo(longest);
    }

    @Test
    void whatIsCutShortIsRefused() {
        for (var finding : ONE_OF_EACH) {
            var bytes = written(List.of(finding));
            for (int length = 0; length < bytes.limit(); length++) {
                var cut = bytes.duplicate().limit(length);
                assertThatExceptionOfType(MalformedFindingsException.class)
                        .as("%s, %d bytes", finding, length)
                        .isThrownBy(() -> FindingCodec.read(cut));
            }
        }
    }

    @Test
    void aPathThatClimbsOutOfItsTreeIsRefused() {
        var bytes = written(List.of(new Finding.Unstable(EntryPath.of("aa"))));
        bytes.put(3, (byte) '.').put(4, (byte) '.');

        assertThatExceptionOfType(MalformedFindingsException.class).isThrownBy(() -> FindingCodec.read(bytes));
    }

    @Test
    void anUnknownKindOrTypeIsRefused() {
        var kind = written(List.of(new Finding.Unstable(EntryPath.of("a")))).put(0, (byte) 'q');
        var type = written(List.of(new Finding.Unstable(EntryPath.of("a")))).put(5, (byte) 99);

        assertThatExceptionOfType(MalformedFindingsException.class).isThrownBy(() -> FindingCodec.read(kind));
        assertThatExceptionOfType(MalformedFindingsException.class).isThrownBy(() -> FindingCodec.read(type));
    }
}
