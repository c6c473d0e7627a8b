package io.lockstep.agent.mountio;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Reads the values of a message. Every length and count is held against a limit before anything is made for it, and
 * memory is taken only as the bytes arrive. For one thread.
 */
public final class MessageInput {
    /** The longest text: a step, a path, a problem. */
    static final int MAX_TEXT_BYTES = 64 * 1024;

    private final DataInputStream in;

    MessageInput(InputStream in) {
        this.in = new DataInputStream(in);
    }

    MessageInput(byte[] payload) {
        this(new ByteArrayInputStream(payload));
    }

    /** Reads one value. */
    private interface Read<T> {
        T read(DataInputStream in) throws IOException;
    }

    private <T> T read(Read<T> read) throws IOException {
        try {
            return read.read(in);
        } catch (EOFException e) {
            throw new MalformedFrameException("it ends in the middle of a message", e);
        }
    }

    int u8() throws IOException {
        return read(DataInputStream::readUnsignedByte);
    }

    boolean flag() throws IOException {
        return read(DataInputStream::readBoolean);
    }

    int i32() throws IOException {
        return read(DataInputStream::readInt);
    }

    long i64() throws IOException {
        return read(DataInputStream::readLong);
    }

    /** A number of things from 0 to {@code most}. */
    int count(int most) throws IOException {
        int count = i32();
        if (count < 0 || count > most) {
            throw new MalformedFrameException(
                    "it claims " + Integer.toUnsignedString(count) + " of something; the most are " + most);
        }
        return count;
    }

    /** Length and bytes, at most {@code most}. */
    byte[] bytes(int most) throws IOException {
        return raw(count(most));
    }

    /** So many bytes. */
    byte[] raw(int length) throws IOException {
        // It takes memory as the bytes come, and not for what was claimed.
        var bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new MalformedFrameException("it ends after " + bytes.length + " of " + length + " bytes");
        }
        return bytes;
    }

    /** So many bytes, into the start of {@code buffer}. */
    void raw(byte[] buffer, int length) throws IOException {
        int filled = in.readNBytes(buffer, 0, length);
        if (filled < length) {
            throw new MalformedFrameException("it ends after " + filled + " of " + length + " bytes");
        }
    }

    String text() throws IOException {
        return new String(bytes(MAX_TEXT_BYTES), StandardCharsets.UTF_8);
    }

    /** One value of an enumeration, by its name. */
    <E extends Enum<E>> E oneOf(Class<E> type) throws IOException {
        try {
            return Enum.valueOf(type, text());
        } catch (IllegalArgumentException e) {
            throw new MalformedFrameException(String.valueOf(e.getMessage()), e);
        }
    }

    /** How many bytes follow, of a message that lies in memory. */
    int left() throws IOException {
        return in.available();
    }

    /** Fails when something follows. */
    void end() throws IOException {
        if (in.read() >= 0) {
            throw new MalformedFrameException("something follows the end of a message");
        }
    }
}
