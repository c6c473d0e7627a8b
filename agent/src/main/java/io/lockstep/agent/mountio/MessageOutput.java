package io.lockstep.agent.mountio;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the values of a message, big-endian; {@link MessageInput} reads them. */
public final class MessageOutput {
    private final DataOutputStream out;

    MessageOutput(OutputStream out) {
        this.out = new DataOutputStream(out);
    }

    /** Writes a message as bytes. */
    interface Message {
        void write(MessageOutput out) throws IOException;
    }

    /** The bytes of one message. */
    static byte[] bytesOf(Message message) {
        var bytes = new ByteArrayOutputStream();
        try {
            message.write(new MessageOutput(bytes));
        } catch (IOException e) {
            throw new IllegalStateException("memory can't be written to", e);
        }
        return bytes.toByteArray();
    }

    void u8(int value) throws IOException {
        out.writeByte(value);
    }

    void flag(boolean value) throws IOException {
        out.writeBoolean(value);
    }

    void i32(int value) throws IOException {
        out.writeInt(value);
    }

    void i64(long value) throws IOException {
        out.writeLong(value);
    }

    /** Length and bytes. */
    void bytes(byte[] value) throws IOException {
        out.writeInt(value.length);
        out.write(value);
    }

    /** Bytes without their length. */
    void raw(byte[] buffer, int length) throws IOException {
        out.write(buffer, 0, length);
    }

    void text(String value) throws IOException {
        bytes(value.getBytes(StandardCharsets.UTF_8));
    }
}
