package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.digest.Digest;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * One file or directory of a manifest: everything that makes two nodes' entries the same.
 *
 * <p>The path's first component is the tree's name. A file's modification time is part of the identity, because the
 * Gateway redeploys on any change of it; a directory's is not, because it changes with every write beside.
 *
 * @param type {@link EntryType#FILE} or {@link EntryType#DIRECTORY}
 * @param mode permission bits, 0 to 0777
 * @param sizeBytes 0 or more; 0 for a directory
 * @param mtimeNanos in ns since 1970; 0 for a directory
 * @param digest of a file's content; empty for a directory
 */
public record ManifestEntry(
        EntryPath path, EntryType type, int mode, long sizeBytes, long mtimeNanos, Optional<Digest> digest) {
    /** Permission bits that a manifest may hold: no set-user, set-group or sticky bit ever travels. */
    public static final int MODE_MASK = 0777;

    public ManifestEntry {
        boolean file = type == EntryType.FILE;
        if (!file && type != EntryType.DIRECTORY) {
            throw new IllegalArgumentException("a manifest holds files and directories, not " + type + " at " + path);
        }
        if ((mode & ~MODE_MASK) != 0) {
            throw new IllegalArgumentException("mode is out of range: 0" + Integer.toOctalString(mode) + " at " + path);
        }
        if (sizeBytes < 0 || file != digest.isPresent() || (!file && (sizeBytes != 0 || mtimeNanos != 0))) {
            throw new IllegalArgumentException("size, time or digest don't fit a " + type + " at " + path);
        }
    }

    /** A file's entry. */
    public static ManifestEntry file(EntryPath path, int mode, long sizeBytes, long mtimeNanos, Digest digest) {
        return new ManifestEntry(path, EntryType.FILE, mode, sizeBytes, mtimeNanos, Optional.of(digest));
    }

    /** A directory's entry. */
    public static ManifestEntry directory(EntryPath path, int mode) {
        return new ManifestEntry(path, EntryType.DIRECTORY, mode, 0, 0, Optional.empty());
    }

    public boolean isFile() {
        return type == EntryType.FILE;
    }

    /** Whether {@code other} is a file with the same bytes, whatever its name, mode and time. */
    public boolean hasContentOf(ManifestEntry other) {
        return isFile() && digest.equals(other.digest());
    }

    /** The digest of the path: the entry's key in a hash trie. */
    public Digest key() {
        return Digest.of(path.bytes());
    }

    /** The digest of the canonical bytes: the entry's value in a hash trie. */
    public Digest identity() {
        return Digest.of(canonicalBytes());
    }

    /** How many bytes {@link #writeTo} writes. */
    int canonicalLength() {
        return 2 + path.length() + 1 + 2 + (isFile() ? 8 + 8 + Digest.BYTES : 0);
    }

    /**
     * Writes the canonical bytes, big-endian: path length (2), path, type (1: 'f' or 'd'), mode (2), and for a file
     * size (8), mtime (8), digest (32).
     */
    void writeTo(ByteBuffer out) {
        out.putShort((short) path.length()).put(path.bytes());
        out.put((byte) (isFile() ? 'f' : 'd')).putShort((short) mode);
        if (digest.isPresent()) {
            out.putLong(sizeBytes).putLong(mtimeNanos).put(digest.get().bytes());
        }
    }

    /** The canonical bytes; {@link ManifestCodec#decodeEntry} reads them. */
    public byte[] canonicalBytes() {
        var out = ByteBuffer.allocate(canonicalLength());
        writeTo(out);
        return out.array();
    }
}
