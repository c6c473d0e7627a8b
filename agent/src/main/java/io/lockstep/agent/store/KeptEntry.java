package io.lockstep.agent.store;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * Something that stood in a tree and was taken out of it, with its bytes, mode and mtime as they were.
 *
 * @param generation the generation that replaced it
 * @param number tells it from others of this generation, 0 or more
 * @param path where it stood; the first component is the tree's name
 * @param type what it is; in the trash always {@link EntryType#FILE}
 * @param digest of its content when it was taken out; empty when it is no file or could not be read
 * @param sizeBytes 0 or more
 * @param mode permission bits, 0 to 0777
 * @param mtimeNanos in ns since 1970
 * @param when it was taken out, by this node's clock
 * @param why it was taken out
 * @param content the file, link or directory itself
 */
public record KeptEntry(
        GenerationId generation,
        long number,
        EntryPath path,
        EntryType type,
        Optional<Digest> digest,
        long sizeBytes,
        int mode,
        long mtimeNanos,
        Instant when,
        Why why,
        Path content) {
    /** Why something was taken out of a tree. */
    public enum Why {
        /** A generation has other content at the path. */
        REPLACED,
        /** A generation has nothing at the path. */
        REMOVED,
        /** It was no file where a generation has a file, or no directory where it has a directory. */
        OBSTACLE,
        /** The share had it where the live side had other content: a merge found no place for it. */
        MERGED,
        /** It was a conflict, and a person decided for the other side. */
        DECIDED,
        /** The agent ended while it was being taken out; it was found at the next start. */
        RECOVERED
    }
}
