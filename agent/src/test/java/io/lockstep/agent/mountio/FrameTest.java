package io.lockstep.agent.mountio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FrameTest {
    private static byte[] written(Frame... frames) throws IOException {
        var out = new ByteArrayOutputStream();
        var writer = new FrameWriter(out);
        for (var frame : frames) {
            writer.write(frame);
        }
        return out.toByteArray();
    }

    private static FrameReader reader(byte[] bytes) {
        return new FrameReader(new ByteArrayInputStream(bytes));
    }

    /** A head that claims a frame of {@code length} bytes, and no more of it. */
    private static byte[] claim(int length) {
        return ByteBuffer.allocate(9).putInt(length).put((byte) 2).putInt(1).array();
    }

    @Test
    void framesAreReadAsTheyWereWritten() throws IOException {
        var reader = reader(written(
                new Frame(Frame.Type.BEGIN, 7, new byte[] {1, 2}),
                new Frame(Frame.Type.END, Integer.MAX_VALUE, Frame.NOTHING),
                new Frame(Frame.Type.PART, 8, new byte[Frame.MAX_PAYLOAD_BYTES])));

        var begin = reader.read().orElseThrow();
        assertThat(begin.type()).isEqualTo(Frame.Type.BEGIN);
        assertThat(begin.call()).isEqualTo(7);
        assertThat(begin.payload()).containsExactly(1, 2);
        assertThat(reader.read().orElseThrow().call()).isEqualTo(Integer.MAX_VALUE);
        assertThat(reader.read().orElseThrow().payload()).hasSize(Frame.MAX_PAYLOAD_BYTES);
        assertThat(reader.read()).isEmpty();
    }

    @Test
    void aFrameThatIsTooLongIsRefusedBeforeAnyMemoryIsTaken() {
        for (int length : new int[] {Frame.MAX_BYTES + 1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE, 0, 4}) {
            assertThatExceptionOfType(MalformedFrameException.class)
                    .as("%d", length)
                    .isThrownBy(() -> reader(claim(length)).read());
        }
    }

    @Test
    void aPipeThatEndsWithinAFrameIsNoEnd() throws IOException {
        var whole = written(new Frame(Frame.Type.PART, 7, new byte[] {1, 2, 3}));
        for (int length = 1; length < whole.length; length++) {
            var cut = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(MalformedFrameException.class)
                    .as("%d bytes", length)
                    .isThrownBy(() -> reader(cut).read());
        }
    }

    @Test
    void anUnknownTypeIsRefused() throws IOException {
        for (int type : new int[] {6, 100, 255}) {
            var bytes = written(new Frame(Frame.Type.PART, 7, new byte[] {1}));
            bytes[4] = (byte) type;
            assertThatExceptionOfType(MalformedFrameException.class)
                    .as("%d", type)
                    .isThrownBy(() -> reader(bytes).read());
        }
    }
}
