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
 * without the digest, of the others the type (1), and of an unreadable one the error's length (1) and the error.
 */
@SuppressWarnings("EnumOrdinal") // Both ends are the same program, which their hello checks.
public final class FindingCodec {
    /** The most bytes of one finding. */
    public static final int MAX_BYTES = 1 + 2 + EntryPath.MAX_BYTES + 2 + 4 * Long.BYTES + Digest.BYTES + 256;

    private static final int MAX_ERROR_BYTES = 255;
    private static final byte FILE = 'f';
    private static final byte DIRECTORY = 'd';
    private static final byte SPECIAL = 's';
    private static final byte UNREADABLE = 'u';
    private static final byte UNSTABLE = '~';
    private static final byte REPORTED = 'r';
    private static final EntryType[] TYPES = EntryType.values();

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
            var error = unreadable.error().getBytes(StandardCharsets.UTF_8);
            int length = Math.min(error.length, MAX_ERROR_BYTES);
            head(UNREADABLE, finding.path(), out);
            out.put((byte) finding.type().ordinal()).put((byte) length).put(error, 0, length);
        } else {
            byte kind = finding instanceof Finding.Special
                    ? SPECIAL
                    : finding instanceof Finding.Reported ? REPORTED : UNSTABLE;
            head(kind, finding.path(), out);
            out.put((byte) finding.type().ordinal());
        }
    }

    private static void head(byte kind, EntryPath path, ByteBuffer out) {
        out.put(kind).putShort((short) path.length()).put(path.bytes());
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
                    var error = bytes(in, Byte.toUnsignedInt(in.get()));
                    yield new Finding.Unreadable(path, type, new String(error, StandardCharsets.UTF_8));
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

    private static EntryType type(ByteBuffer in) throws MalformedFindingsException {
        int number = in.get();
        if (number < 0 || number >= TYPES.length) {
            throw new MalformedFindingsException("no entry is of type " + number);
        }
        return TYPES[number];
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
