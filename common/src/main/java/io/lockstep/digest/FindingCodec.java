package io.lockstep.digest;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.Stamp;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Bytes of findings and back, between two processes of one version of Lockstep. A finding, big-endian: kind (1), path
 * length (2), path; then of a file mode (2), size, mtime, ctime, inode (8 each), digest (32), of a directory the same
 * without the digest, of the others the type's name, and of an unreadable one the error, each after its length (1).
 */
@SuppressWarnings("EnumOrdinal") // Both ends are the same program, which their hello checks.
public final class FindingCodec {
    /** The most bytes of one finding. */
    public static final int MAX_BYTES = 1 + 2 + EntryPath.MAX_BYTES + 2 + 4 * Long.BYTES + Digest.BYTES + 512;

    private static final int MAX_TEXT_BYTES = 255;
    private static final byte FILE = 'f';
    private static final byte DIRECTORY = 'd';
    private static final byte SPECIAL = 's';
    private static final byte UNREADABLE = 'u';
    private static final byte UNSTABLE = '~';
    private static final byte REPORTED = 'r';

    private FindingCodec() {}

    /** Writes the finding; {@code out} has room for {@value #MAX_BYTES} bytes. */
    public static void write(Finding finding, ByteBuffer out) {
        if (finding instanceof Finding.RegularFile file) {
            head(FILE, finding.path(), out);
            writeStamp(file.mode(), file.stamp(), out);
            out.put(file.digest().bytes());
        } else if (finding instanceof Finding.Directory directory) {
            head(DIRECTORY, finding.path(), out);
            writeStamp(directory.mode(), directory.stamp(), out);
        } else if (finding instanceof Finding.Unreadable unreadable) {
            head(UNREADABLE, finding.path(), out);
            writeText(finding.type().name(), out);
            writeText(unreadable.error(), out);
        } else {
            byte kind = finding instanceof Finding.Special
                    ? SPECIAL
                    : finding instanceof Finding.Reported ? REPORTED : UNSTABLE;
            head(kind, finding.path(), out);
            writeText(finding.type().name(), out);
        }
    }

    private static void head(byte kind, EntryPath path, ByteBuffer out) {
        out.put(kind).putShort((short) path.length()).put(path.bytes());
    }

    private static void writeText(String text, ByteBuffer out) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, MAX_TEXT_BYTES);
        out.put((byte) length).put(bytes, 0, length);
    }

    static void writeStamp(int mode, Stamp stamp, ByteBuffer out) {
        out.putShort((short) mode)
                .putLong(stamp.sizeBytes())
                .putLong(stamp.mtimeNanos())
                .putLong(stamp.ctimeNanos())
                .putLong(stamp.inode());
    }

    /**
     * Reads one finding.
     *
     * @throws MalformedFindingsException when the bytes are anything else
     */
    public static Finding read(ByteBuffer in) throws MalformedFindingsException {
        try {
            byte kind = in.get();
            var path = EntryPath.ofBytes(bytes(in, Short.toUnsignedInt(in.getShort())));
            return switch (kind) {
                case FILE -> {
                    int mode = in.getShort();
                    yield new Finding.RegularFile(path, stamp(in), mode, Digest.ofBytes(bytes(in, Digest.BYTES)));
                }
                case DIRECTORY -> {
                    int mode = in.getShort();
                    yield new Finding.Directory(path, stamp(in), mode);
                }
                case SPECIAL -> new Finding.Special(path, type(in));
                case REPORTED -> new Finding.Reported(path, type(in));
                case UNREADABLE -> {
                    var type = type(in);
                    yield new Finding.Unreadable(path, type, text(in));
                }
                case UNSTABLE -> {
                    type(in);
                    yield new Finding.Unstable(path);
                }
                default -> throw new MalformedFindingsException("no finding is of kind " + kind + ": " + path);
            };
        } catch (BufferUnderflowException e) {
            throw new MalformedFindingsException("it ends in the middle of a finding", e);
        } catch (IllegalArgumentException e) {
            throw new MalformedFindingsException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Stamp stamp(ByteBuffer in) {
        return new Stamp(in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }

    private static EntryType type(ByteBuffer in) {
        return EntryType.valueOf(text(in));
    }

    private static String text(ByteBuffer in) {
        return new String(bytes(in, Byte.toUnsignedInt(in.get())), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(ByteBuffer in, int length) {
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        var bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }
}
