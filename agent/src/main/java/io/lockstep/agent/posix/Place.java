package io.lockstep.agent.posix;

import io.lockstep.artifact.EntryPath;
import org.jspecify.annotations.Nullable;

/** Where a handle was opened, for people. Its text is put together only when somebody asks for it. */
public final class Place {
    private final @Nullable Place above;
    private final String root;
    private final byte[] name;

    private Place(@Nullable Place above, String root, byte[] name) {
        this.above = above;
        this.root = root;
        this.name = name;
    }

    /** The place of this path. */
    public static Place of(String path) {
        return new Place(null, path, new byte[0]);
    }

    /** The entry called {@code name} in here. */
    public Place child(byte[] entryName) {
        return new Place(this, root, entryName);
    }

    /** The whole path; bytes that are no text are escaped. */
    @Override
    public String toString() {
        return above == null ? root : above + "/" + EntryPath.ofBytes(name);
    }
}
