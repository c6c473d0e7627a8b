package io.lockstep.agent.vfs;

import io.lockstep.artifact.EntryPath;
import io.lockstep.mount.Marker;
import java.util.Optional;
import java.util.function.Function;

/**
 * What Lockstep has for itself within a share, beside the tree.
 *
 * @param directory the one that holds all of it
 * @param marker the marker's file
 * @param maxMarkerBytes a longer one is none
 * @param parse reads a marker; empty when the text is none
 */
public record RemoteDot(
        EntryPath directory, EntryPath marker, int maxMarkerBytes, Function<String, Optional<Marker>> parse) {
    EntryPath beacons() {
        return directory.resolve(EntryPath.of("beacons"));
    }

    EntryPath tmp() {
        return directory.resolve(EntryPath.of("tmp"));
    }
}
