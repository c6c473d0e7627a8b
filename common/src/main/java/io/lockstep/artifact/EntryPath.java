package io.lockstep.artifact;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The place of an entry relative to its tree's root, as the raw bytes that the file system has.
 *
 * <p>One to {@value #MAX_BYTES} bytes; components of 1 to {@value #MAX_NAME_BYTES} bytes separated by single slashes;
 * no component is {@code .} or {@code ..}, no byte is NUL, and the path is never absolute. Every path that comes from
 * a peer, a file or a user passes through one of the factories here, so that a path that climbs out of its tree can't
 * exist as a value. Names need not be UTF-8: Linux forbids only {@code /} and NUL in a name (path_resolution(7)).
 *
 * <p>Ordered by unsigned bytes.
 */
public final class EntryPath implements Comparable<EntryPath> {
    /** Longest path: Linux's {@code PATH_MAX} less the closing NUL. */
    public static final int MAX_BYTES = 4095;

    /** Longest component: Linux's {@code NAME_MAX}. */
    public static final int MAX_NAME_BYTES = 255;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** The golden ratio's fraction: an odd number whose bits are spread, so that products differ in their high bits. */
    private static final long HASH_FACTOR = 0x9e3779b97f4a7c15L;

    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private final byte[] bytes;

    private EntryPath(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * The path with exactly these bytes.
     *
     * @throws IllegalArgumentException when the bytes are not a path as the class comment says
     */
    public static EntryPath ofBytes(byte[] raw) {
        var problem = problemWith(raw);
        if (problem.isPresent()) {
            throw new IllegalArgumentException("not an entry path: " + escape(raw) + ": " + problem.get());
        }
        return new EntryPath(raw.clone());
    }

    /** The path with the UTF-8 bytes of {@code text}; no escapes are read. */
    public static EntryPath of(String text) {
        return ofBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads the form that {@link #toString()} writes.
     *
     * @throws IllegalArgumentException when an escape is unknown or incomplete, or the bytes are no path
     */
    public static EntryPath parse(String escaped) {
        var source = escaped.getBytes(StandardCharsets.UTF_8);
        var out = new byte[source.length];
        int length = 0;
        for (int i = 0; i < source.length; i++) {
            if (source[i] != '\\') {
                out[length++] = source[i];
            } else if (i + 1 < source.length && source[i + 1] == '\\') {
                out[length++] = '\\';
                i++;
            } else if (i + 3 < source.length && source[i + 1] == 'x') {
                int high = Character.digit(source[i + 2], 16);
                int low = Character.digit(source[i + 3], 16);
                if (high < 0 || low < 0) {
                    throw new IllegalArgumentException("not an escape at " + i + " in: " + escaped);
                }
                out[length++] = (byte) (high << 4 | low);
                i += 3;
            } else {
                throw new IllegalArgumentException("not an escape at " + i + " in: " + escaped);
            }
        }
        return ofBytes(Arrays.copyOf(out, length));
    }

    private static Optional<String> problemWith(byte[] raw) {
        if (raw.length == 0) {
            return Optional.of("it is empty");
        }
        if (raw.length > MAX_BYTES) {
            return Optional.of("it is longer than " + MAX_BYTES + " bytes");
        }
        int start = 0;
        for (int i = 0; i <= raw.length; i++) {
            if (i < raw.length && raw[i] == 0) {
                return Optional.of("it holds a NUL byte");
            }
            if (i == raw.length || raw[i] == '/') {
                var problem = problemWithName(raw, start, i);
                if (problem.isPresent()) {
                    return problem;
                }
                start = i + 1;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> problemWithName(byte[] raw, int start, int end) {
        int length = end - start;
        if (length == 0) {
            return Optional.of("it has an empty component");
        }
        if (length > MAX_NAME_BYTES) {
            return Optional.of("a component is longer than " + MAX_NAME_BYTES + " bytes");
        }
        boolean dot = raw[start] == '.' && (length == 1 || (length == 2 && raw[start + 1] == '.'));
        return dot ? Optional.of("a component is . or ..") : Optional.empty();
    }

    /** A copy of the raw bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** How many bytes the path has, 1 to {@value #MAX_BYTES}. */
    public int length() {
        return bytes.length;
    }

    /** The byte at {@code index}, 0 to {@link #length()} - 1. */
    public byte byteAt(int index) {
        return bytes[index];
    }

    /** Whether the path's bytes are the first {@code length} of {@code buffer}; makes no copy. */
    public boolean equalsBytes(byte[] buffer, int length) {
        return Arrays.equals(bytes, 0, bytes.length, buffer, 0, length);
    }

    /** A hash of the path's bytes: {@link #hashOf} of them. */
    public int bytesHash() {
        return hashOf(bytes, bytes.length);
    }

    /** A hash of the first {@code length} bytes of {@code buffer}, eight at a time, for tables of many paths. */
    public static int hashOf(byte[] buffer, int length) {
        long hash = length;
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            hash = (hash ^ (long) LONGS.get(buffer, i)) * HASH_FACTOR;
            hash ^= hash >>> 32;
        }
        for (; i < length; i++) {
            hash = (hash ^ buffer[i]) * HASH_FACTOR;
        }
        return (int) (hash ^ hash >>> 32);
    }

    /** A copy of the last component's bytes. */
    public byte[] name() {
        return Arrays.copyOfRange(bytes, lastSlash() + 1, bytes.length);
    }

    /** The path without its last component; empty for a path of one component. */
    public Optional<EntryPath> parent() {
        int slash = lastSlash();
        return slash < 0 ? Optional.empty() : Optional.of(new EntryPath(Arrays.copyOf(bytes, slash)));
    }

    /** The first component as a path of its own. */
    public EntryPath first() {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '/') {
                return new EntryPath(Arrays.copyOf(bytes, i));
            }
        }
        return this;
    }

    /** The path below its first component; empty for a path of one component. */
    public Optional<EntryPath> withoutFirst() {
        int from = first().bytes.length + 1;
        return from > bytes.length
                ? Optional.empty()
                : Optional.of(new EntryPath(Arrays.copyOfRange(bytes, from, bytes.length)));
    }

    /**
     * The entry called {@code name} in the directory at this path.
     *
     * @throws IllegalArgumentException when the result is no path
     */
    public EntryPath child(byte[] name) {
        return join(name, name.length);
    }

    /** {@code below} seen from where this path is relative to. */
    public EntryPath resolve(EntryPath below) {
        return join(below.bytes, below.bytes.length);
    }

    private EntryPath join(byte[] tail, int tailLength) {
        var joined = Arrays.copyOf(bytes, bytes.length + 1 + tailLength);
        joined[bytes.length] = '/';
        System.arraycopy(tail, 0, joined, bytes.length + 1, tailLength);
        var problem = problemWith(joined);
        if (problem.isPresent()) {
            throw new IllegalArgumentException("not an entry path: " + escape(joined) + ": " + problem.get());
        }
        return new EntryPath(joined);
    }

    /** Whether this path lies below the directory at {@code ancestor}; a path isn't below itself. */
    public boolean isBelow(EntryPath ancestor) {
        int length = ancestor.bytes.length;
        return bytes.length > length
                && bytes[length] == '/'
                && Arrays.equals(bytes, 0, length, ancestor.bytes, 0, length);
    }

    private int lastSlash() {
        for (int i = bytes.length - 1; i >= 0; i--) {
            if (bytes[i] == '/') {
                return i;
            }
        }
        return -1;
    }

    @Override
    public int compareTo(EntryPath other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EntryPath path && Arrays.equals(bytes, path.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /**
     * The path as printable text, for people, logs and JSON: UTF-8 as it is; control characters, bytes that are not
     * UTF-8, and backslashes as {@code \xHH} or {@code \\}. {@link #parse} reads it back.
     */
    @Override
    public String toString() {
        return escape(bytes);
    }

    private static String escape(byte[] raw) {
        for (byte b : raw) {
            if (b < 0x20 || b == 0x7f || b == '\\') {
                return escapeSlowly(raw);
            }
        }
        return new String(raw, StandardCharsets.US_ASCII);
    }

    private static String escapeSlowly(byte[] raw) {
        var text = new StringBuilder(raw.length + 16);
        var input = ByteBuffer.wrap(raw);
        var decoder = strictDecoder();
        var one = CharBuffer.allocate(2);
        while (input.hasRemaining()) {
            int length = Math.min(sequenceLength(input.get(input.position())), input.remaining());
            one.clear();
            decoder.reset();
            var result = decoder.decode(input.slice(input.position(), length), one, true);
            if (!result.isError() && !mustEscape(Character.codePointAt(one.flip(), 0))) {
                text.append(one);
                input.position(input.position() + length);
            } else {
                appendEscape(text, input.get());
            }
        }
        return text.toString();
    }

    private static CharsetDecoder strictDecoder() {
        return StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    private static int sequenceLength(byte lead) {
        int value = lead & 0xff;
        if (value >= 0xf0) {
            return 4;
        }
        return value >= 0xe0 ? 3 : value >= 0xc0 ? 2 : 1;
    }

    private static boolean mustEscape(int codePoint) {
        return switch (Character.getType(codePoint)) {
            // Controls, invisible formats (right-to-left overrides, for one) and line separators could forge a log.
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE -> true;
            default -> codePoint == '\\';
        };
    }

    private static void appendEscape(StringBuilder text, byte value) {
        if (value == '\\') {
            text.append("\\\\");
        } else {
            text.append("\\x").append(HEX[(value >> 4) & 0xf]).append(HEX[value & 0xf]);
        }
    }
}
