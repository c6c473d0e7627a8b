package io.lockstep.agent.vfs;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/** What this node has for a writer: the contents to write, and a place for what gives way. */
public interface RemoteKeeper {
    /**
     * The content with this digest; empty when it is not at hand.
     *
     * @throws IOException when this node's disk refuses
     */
    Optional<InputStream> content(Digest digest) throws IOException;

    /** Whether a committed generation had this content at this path, so that it may give way. */
    boolean isKnown(EntryPath path, Digest digest);

    /**
     * Keeps what stood at a path: in the trash when it is known there, else in the conflict store. Durable on return.
     *
     * @param copy a local file, which is taken away
     * @throws IOException when it could not be kept; then nothing on the server may be replaced
     */
    void keep(EntryPath path, Path copy, Digest digest) throws IOException;
}
