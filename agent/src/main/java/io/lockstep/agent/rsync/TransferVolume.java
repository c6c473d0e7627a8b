package io.lockstep.agent.rsync;

/** How many bytes a peer may send before a transfer is ended: what the protocol can need, with room to spare. */
final class TransferVolume {
    /** Handshake, checksum names, messages. */
    private static final long BASE_BYTES = 1 << 20;
    /** Metadata, indices, checksums and an error message of one file, beside its name. */
    private static final long EACH_FILE_BYTES = 1024;
    /** rsync sends a file again, once, when what was built from a basis has another checksum than the original. */
    private static final int SENDINGS_WITH_BASIS = 2;

    private TransferVolume() {}

    /** From the server: the content in packets with 4 bytes of header each, and the file list. */
    static long maxFromServer(FileSet files) {
        return Math.addExact(files.totalBytes(), maxFromClient(files));
    }

    /** From the server of one file for which there may be a basis. */
    static long maxFromServerWithBasis(FileSet files) {
        return Math.multiplyExact(SENDINGS_WITH_BASIS, maxFromServer(files));
    }

    /** From the client: indices, and block checksums of at most a sixteenth of the content where it has a basis. */
    static long maxFromClient(FileSet files) {
        long names =
                files.files().stream().mapToLong(file -> file.path().length()).sum();
        return BASE_BYTES + EACH_FILE_BYTES * files.files().size() + 4 * names + files.totalBytes() / 16;
    }
}
