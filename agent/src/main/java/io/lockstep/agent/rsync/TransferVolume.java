package io.lockstep.agent.rsync;

import io.lockstep.artifact.EntryPath;

/** How many bytes a peer may send before a transfer is ended: what the protocol can need, with room to spare. */
final class TransferVolume {
    /** Handshake, checksum names, messages. */
    private static final long BASE_BYTES = 1 << 20;
    /** Metadata, indices, checksums and an error message of one file, beside its name. */
    private static final long EACH_FILE_BYTES = 1024;

    private TransferVolume() {}

    /** From the server: the content in packets with 4 bytes of header each, and the file list. */
    static long maxFromServer(FileSet files) {
        return Math.addExact(files.totalBytes(), maxFromClient(files));
    }

    /** From the client: indices, and block checksums of at most a sixteenth of the content where it has a basis. */
    static long maxFromClient(FileSet files) {
        long names = files.paths().stream().mapToLong(EntryPath::length).sum();
        return BASE_BYTES + EACH_FILE_BYTES * files.paths().size() + 4 * names + files.totalBytes() / 16;
    }
}
