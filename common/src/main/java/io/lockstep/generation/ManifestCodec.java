package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;

/**
 * Canonical bytes of manifests and back. The form: magic {@code LSMANIF1}, the number of entries (4 bytes, big-endian),
 * then each entry's canonical bytes in order, and nothing after. One manifest has exactly one form.
 */
public final class ManifestCodec {
    /** The most entries that a decoder accepts, so that a peer's claim can't exhaust memory. */
    public static final int MAX_ENTRIES = 2_000_000;

    private static final byte[] MAGIC = {'L', 'S', 'M', 'A', 'N', 'I', 'F', '1'};
    /** The shortest entry: a directory with a one-byte path. */
    private static final int MIN_ENTRY_BYTES = 2 + 1 + 1 + 2;

    private ManifestCodec() {}

    /** The canonical bytes. */
    public static byte[] encode(Manifest manifest) {
        int length = MAGIC.length + 4;
        for (var entry : manifest.entries()) {
            length = Math.addExact(length, entry.canonicalLength());
        }
        var out = ByteBuffer.allocate(length);
        out.put(MAGIC).putInt(manifest.size());
        manifest.entries().forEach(entry -> entry.writeTo(out));
        return out.array();
    }

    /**
     * The manifest that these bytes hold.
     *
     * @throws MalformedManifestException when the bytes are not the canonical form of a manifest
     */
    public static Manifest decode(byte[] bytes) throws MalformedManifestException {
        var in = ByteBuffer.wrap(bytes);
        try {
            var magic = new byte[MAGIC.length];
            in.get(magic);
            if (!Arrays.equals(magic, MAGIC)) {
                throw new MalformedManifestException("it does not start with LSMANIF1");
            }
            int count = in.getInt();
            if (count < 0 || count > MAX_ENTRIES || count > in.remaining() / MIN_ENTRY_BYTES) {
                throw new MalformedManifestException("it claims " + count + " entries in " + bytes.length + " bytes");
            }
            var entries = new ArrayList<ManifestEntry>(count);
            for (int i = 0; i < count; i++) {
                entries.add(readEntry(in));
            }
            if (in.hasRemaining()) {
                throw new MalformedManifestException(in.remaining() + " bytes follow the last entry");
            }
            return new Manifest(entries);
        } catch (BufferUnderflowException e) {
            throw new MalformedManifestException("it ends in the middle of an entry", e);
        } catch (IllegalArgumentException e) {
            throw new MalformedManifestException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * The entry that {@link ManifestEntry#canonicalBytes()} wrote.
     *
     * @throws MalformedManifestException when the bytes are anything else
     */
    public static ManifestEntry decodeEntry(byte[] bytes) throws MalformedManifestException {
        var in = ByteBuffer.wrap(bytes);
        try {
            var entry = readEntry(in);
            if (in.hasRemaining()) {
                throw new MalformedManifestException(in.remaining() + " bytes follow the entry");
            }
            return entry;
        } catch (BufferUnderflowException e) {
            throw new MalformedManifestException("it ends in the middle of an entry", e);
        } catch (IllegalArgumentException e) {
            throw new MalformedManifestException(String.valueOf(e.getMessage()), e);
        }
    }

    private static ManifestEntry readEntry(ByteBuffer in) throws MalformedManifestException {
        int length = Short.toUnsignedInt(in.getShort());
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        var raw = new byte[length];
        in.get(raw);
        var path = EntryPath.ofBytes(raw);
        byte type = in.get();
        int mode = Short.toUnsignedInt(in.getShort());
        if (type == 'd') {
            return ManifestEntry.directory(path, mode);
        }
        if (type != 'f') {
            throw new MalformedManifestException("unknown type " + type + " at " + path);
        }
        long sizeBytes = in.getLong();
        long mtimeNanos = in.getLong();
        var digest = new byte[Digest.BYTES];
        in.get(digest);
        return ManifestEntry.file(path, mode, sizeBytes, mtimeNanos, Digest.ofBytes(digest));
    }
}
