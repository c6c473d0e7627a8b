package io.lockstep.agent.app;

import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.DirectoryHandle;
import io.lockstep.agent.posix.FileHandle;
import io.lockstep.agent.posix.NativeBuffer;
import io.lockstep.agent.posix.StatBuffer;
import io.lockstep.agent.rsync.PartialFile;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.generation.ManifestEntry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file of the replica as a scan saw it, to be copied. It is reached without following a link. A Gateway may write it
 * meanwhile: then the copy is of less use, and nothing else.
 */
final class ReplicaVersion implements PartialFile.Older {
    private static final int BUFFER_BYTES = 128 * 1024;

    private final Path root;
    private final ManifestEntry entry;

    /** @param root the tree's root in the replica */
    ReplicaVersion(Path root, ManifestEntry entry) {
        this.root = root;
        this.entry = entry;
    }

    @Override
    public Optional<String> appendTo(FileChannel target) throws IOException {
        var below = entry.path().withoutFirst().orElseThrow();
        if (DirectoryHandle.open(root) instanceof Attempt.Done<DirectoryHandle> done) {
            try (var directory = done.value()) {
                return appendFrom(directory, below, target);
            }
        }
        return Optional.of(root + " can't be opened");
    }

    private Optional<String> appendFrom(DirectoryHandle directory, EntryPath below, FileChannel target)
            throws IOException {
        var parent = below.parent();
        if (parent.isPresent()) {
            var opened = directory.openDirectory(parent.get());
            if (opened instanceof Attempt.Done<DirectoryHandle> done) {
                try (var holding = done.value()) {
                    return appendFile(holding, below.name(), target);
                }
            }
            return Optional.of("its directory: " + ((Attempt.Failed<DirectoryHandle>) opened).errno());
        }
        return appendFile(directory, below.name(), target);
    }

    private Optional<String> appendFile(DirectoryHandle in, byte[] name, FileChannel target) throws IOException {
        try (var stat = new StatBuffer()) {
            boolean isAsSeen = in.stat(name, stat) == 0
                    && stat.type() == EntryType.FILE
                    && stat.sizeBytes() == entry.sizeBytes()
                    && stat.mtimeNanos() == entry.mtimeNanos();
            if (!isAsSeen) {
                return Optional.of("it has changed since it was scanned");
            }
        }
        var opened = in.openFile(name);
        if (opened instanceof Attempt.Done<FileHandle> done) {
            try (var file = done.value()) {
                return copy(file, target);
            }
        }
        return Optional.of("it can't be opened: " + ((Attempt.Failed<FileHandle>) opened).errno());
    }

    private Optional<String> copy(FileHandle file, FileChannel target) throws IOException {
        try (var buffer = new NativeBuffer(BUFFER_BYTES)) {
            long left = entry.sizeBytes();
            while (left > 0) {
                int got = file.read(buffer, (int) Math.min(left, BUFFER_BYTES));
                if (got <= 0) {
                    return Optional.of("it can't be read to its end");
                }
                var bytes = buffer.bytes().slice(0, got);
                while (bytes.hasRemaining()) {
                    target.write(bytes);
                }
                left -= got;
            }
            return Optional.empty();
        }
    }
}
