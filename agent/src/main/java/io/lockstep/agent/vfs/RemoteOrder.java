package io.lockstep.agent.vfs;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.ManifestEntry;

/** One thing to be done to a tree; paths are relative to the tree. */
public sealed interface RemoteOrder {
    EntryPath path();

    /** Makes a directory, or gives it its mode. */
    record MakeDirectory(EntryPath path, int mode) implements RemoteOrder {}

    /** Writes a file, or gives it its mode and time. */
    record WriteFile(EntryPath path, ManifestEntry wanted) implements RemoteOrder {}

    /** Takes a file out. */
    record RemoveFile(EntryPath path) implements RemoteOrder {}

    /** Removes a directory if nothing is in it. */
    record RemoveDirectory(EntryPath path) implements RemoteOrder {}
}
