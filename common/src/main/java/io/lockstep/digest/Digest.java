package io.lockstep.digest;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A SHA-256 digest: 32 bytes. Printed and parsed as 64 lower-case hexadecimal digits; ordered by unsigned bytes.
 */
public final class Digest implements Comparable<Digest> {
    /** Length in bytes. */
    public static final int BYTES = 32;

    private static final HexFormat HEX = HexFormat.of();

    private final byte[] bytes;

    private Digest(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A new SHA-256 computation. Every Java platform has the algorithm, as {@link MessageDigest} says. */
    public static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256", e);
        }
    }

    /** The digest of {@code content}. */
    public static Digest of(byte[] content) {
        return new Digest(newSha256().digest(content));
    }

    /** Finishes {@code sha256}, which starts anew afterwards. */
    public static Digest finish(MessageDigest sha256) {
        return new Digest(sha256.digest());
    }

    /**
     * The digest with these bytes.
     *
     * @throws IllegalArgumentException when there are not exactly {@value #BYTES}
     */
    public static Digest ofBytes(byte[] raw) {
        if (raw.length != BYTES) {
            throw new IllegalArgumentException("a digest has " + BYTES + " bytes, not " + raw.length);
        }
        return new Digest(raw.clone());
    }

    /**
     * The digest that {@code hex} prints.
     *
     * @throws IllegalArgumentException when it is not 64 hexadecimal digits
     */
    public static Digest parse(String hex) {
        if (hex.length() != 2 * BYTES) {
            throw new IllegalArgumentException(
                    "a digest has " + 2 * BYTES + " hexadecimal digits, not " + hex.length());
        }
        return new Digest(HEX.parseHex(hex));
    }

    /** A copy of the bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The byte at {@code index}, 0 to {@value #BYTES} - 1. */
    public byte byteAt(int index) {
        return bytes[index];
    }

    /** The half-byte at {@code index}, 0 to 63, most significant first. */
    public int nibbleAt(int index) {
        int value = bytes[index >> 1];
        return (index & 1) == 0 ? (value >> 4) & 0xf : value & 0xf;
    }

    /** Adds the bytes to a running computation. */
    public void updateInto(MessageDigest sha256) {
        sha256.update(bytes);
    }

    /** The first twelve digits, for people. */
    public String abbreviated() {
        return HEX.formatHex(bytes, 0, 6);
    }

    @Override
    public int compareTo(Digest other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Digest digest && Arrays.equals(bytes, digest.bytes);
    }

    @Override
    public int hashCode() {
        return (bytes[0] & 0xff) << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | (bytes[3] & 0xff);
    }

    @Override
    public String toString() {
        return HEX.formatHex(bytes);
    }
}
