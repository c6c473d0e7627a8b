package io.lockstep.agent.vfs;

import com.jcraft.jsch.ChannelSftp;
import com.jcraft.jsch.SftpATTRS;
import com.jcraft.jsch.SftpException;
import io.lockstep.artifact.EntryType;
import io.lockstep.generation.ManifestEntry;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.commons.vfs2.FileObject;
import org.apache.commons.vfs2.FileSystemException;
import org.apache.commons.vfs2.FileType;
import org.apache.commons.vfs2.provider.AbstractFileName;
import org.apache.commons.vfs2.provider.sftp.SftpFileObject;

/** A file on an SFTP server: every call says what the server said, and nothing is taken for absent but by its answer. */
final class StrictSftpFile extends SftpFileObject implements ExactFile {
    private static final String POSIX_RENAME = "posix-rename@openssh.com";
    private static final String HARD_LINK = "hardlink@openssh.com";

    private final StrictSftpFileSystem fileSystem;
    private final String path;
    private Optional<RemoteLook> known = Optional.empty();

    StrictSftpFile(AbstractFileName name, StrictSftpFileSystem fileSystem) throws FileSystemException {
        super(name, fileSystem);
        this.fileSystem = fileSystem;
        path = quoted(name.getPathDecoded());
    }

    /** JSch takes a path for a pattern unless its special characters are escaped. */
    static String quoted(String path) {
        return path.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?");
    }

    private interface Call<T> {
        T on(ChannelSftp channel) throws SftpException, IOException;
    }

    private interface Order {
        void on(ChannelSftp channel) throws SftpException, IOException;
    }

    private <T> T ask(Call<T> call) throws IOException, SftpException {
        var channel = fileSystem.takeChannel();
        boolean isUsable = false;
        try {
            T answer = call.on(channel);
            isUsable = true;
            return answer;
        } catch (SftpException e) {
            // A refusal is an answer, after which the channel is as good as before.
            isUsable = e.getCause() == null;
            throw e;
        } finally {
            if (isUsable) {
                fileSystem.giveBack(channel);
            } else {
                StrictSftpFileSystem.drop(channel);
            }
        }
    }

    private void order(Order order) throws IOException, SftpException {
        ask(channel -> {
            order.on(channel);
            return true;
        });
    }

    @Override
    public RemoteLook look() throws IOException, SftpException {
        var look = lookOf(ask(channel -> channel.lstat(path)));
        known = Optional.of(look);
        return look;
    }

    private static RemoteLook lookOf(SftpATTRS attributes) {
        int flags = attributes.getFlags();
        boolean tellsMode = (flags & SftpATTRS.SSH_FILEXFER_ATTR_PERMISSIONS) != 0;
        var type = tellsMode ? typeOf(attributes) : EntryType.UNKNOWN;
        boolean tellsSize = (flags & SftpATTRS.SSH_FILEXFER_ATTR_SIZE) != 0;
        boolean tellsTime = (flags & SftpATTRS.SSH_FILEXFER_ATTR_ACMODTIME) != 0;
        boolean isTold = tellsTime && (tellsSize || type != EntryType.FILE);
        return new RemoteLook(
                isTold ? type : EntryType.UNKNOWN,
                type == EntryType.FILE && tellsSize ? Math.max(0, attributes.getSize()) : 0,
                // The protocol's number has no sign.
                Integer.toUnsignedLong(attributes.getMTime()),
                tellsMode
                        ? OptionalInt.of(attributes.getPermissions() & ManifestEntry.MODE_MASK)
                        : OptionalInt.empty());
    }

    private static EntryType typeOf(SftpATTRS attributes) {
        if (attributes.isReg()) {
            return EntryType.FILE;
        }
        if (attributes.isDir()) {
            return EntryType.DIRECTORY;
        }
        if (attributes.isLink()) {
            return EntryType.SYMLINK;
        }
        if (attributes.isFifo()) {
            return EntryType.FIFO;
        }
        if (attributes.isSock()) {
            return EntryType.SOCKET;
        }
        return attributes.isChr() || attributes.isBlk() ? EntryType.DEVICE : EntryType.UNKNOWN;
    }

    /** What the last look or listing said; asks the server when there was none. */
    RemoteLook knownLook() throws IOException, SftpException {
        return known.isPresent() ? known.get() : look();
    }

    @Override
    protected synchronized FileType doGetType() throws Exception {
        try {
            var look = knownLook();
            return look.isDirectory() ? FileType.FOLDER : look.isFile() ? FileType.FILE : FileType.FILE_OR_FOLDER;
        } catch (SftpException e) {
            if (e.id == ChannelSftp.SSH_FX_NO_SUCH_FILE && e.getCause() == null) {
                return FileType.IMAGINARY;
            }
            throw e;
        }
    }

    @Override
    protected boolean doIsSymbolicLink() throws Exception {
        return knownLook().type() == EntryType.SYMLINK;
    }

    @Override
    protected synchronized long doGetContentSize() throws Exception {
        return knownLook().sizeBytes();
    }

    @Override
    protected synchronized long doGetLastModifiedTime() throws Exception {
        return knownLook().mtimeSeconds() * 1000;
    }

    @Override
    protected synchronized void doDetach() {
        known = Optional.empty();
    }

    @Override
    protected void onChange() {
        known = Optional.empty();
    }

    @Override
    protected FileObject[] doListChildrenResolved() throws Exception {
        var found = new ArrayList<ChannelSftp.LsEntry>();
        order(channel -> channel.ls(path, entry -> {
            found.add(entry);
            return found.size() > RemotePlace.MOST_NAMES
                    ? ChannelSftp.LsEntrySelector.BREAK
                    : ChannelSftp.LsEntrySelector.CONTINUE;
        }));
        var children = new ArrayList<FileObject>(found.size());
        for (var entry : found) {
            var name = entry.getFilename();
            if (name.equals(".") || name.equals("..")) {
                continue;
            }
            if (name.isEmpty() || name.indexOf('/') >= 0) {
                throw new FileSystemException("vfs.provider/list-children.error", getName());
            }
            var child = (StrictSftpFile) fileSystem.resolveFile(Names.child(getName(), name));
            child.known = Optional.of(lookOf(entry.getAttrs()));
            children.add(child);
        }
        return children.toArray(FileObject[]::new);
    }

    @Override
    protected InputStream doGetInputStream(int bufferSize) throws Exception {
        var channel = fileSystem.takeChannel();
        try {
            return new ChannelInput(channel, channel.get(path));
        } catch (SftpException e) {
            fileSystem.giveBack(channel);
            throw e;
        }
    }

    @Override
    protected OutputStream doGetOutputStream(boolean append) throws Exception {
        if (append) {
            throw new FileSystemException("vfs.provider/write-append-not-supported.error", getName());
        }
        var channel = fileSystem.takeChannel();
        try {
            return new ChannelOutput(channel, channel.put(path, ChannelSftp.OVERWRITE));
        } catch (SftpException e) {
            fileSystem.giveBack(channel);
            throw e;
        }
    }

    @Override
    protected void doCreateFolder() throws Exception {
        makeDirectory();
    }

    @Override
    public void makeDirectory() throws IOException, SftpException {
        order(channel -> channel.mkdir(path));
    }

    @Override
    protected void doDelete() throws Exception {
        if (knownLook().isDirectory()) {
            removeDirectory();
        } else {
            removeFile();
        }
    }

    @Override
    public void removeFile() throws IOException, SftpException {
        order(channel -> channel.rm(path));
    }

    @Override
    public void removeDirectory() throws IOException, SftpException {
        order(channel -> channel.rmdir(path));
    }

    @Override
    protected void doRename(FileObject other) throws Exception {
        renameTo(other);
    }

    @Override
    public void renameTo(FileObject other) throws IOException, SftpException {
        order(channel -> channel.rename(path, ((StrictSftpFile) other).path));
    }

    @Override
    public void linkTo(FileObject other) throws IOException, SftpException {
        order(channel -> channel.hardlink(path, ((StrictSftpFile) other).path));
    }

    @Override
    public boolean canReplace() throws IOException, SftpException {
        return ask(channel -> "1".equals(channel.getExtension(POSIX_RENAME)));
    }

    @Override
    public boolean canLink() throws IOException, SftpException {
        return ask(channel -> "1".equals(channel.getExtension(HARD_LINK)));
    }

    @Override
    public void setAttributes(int mode, long mtimeSeconds) throws IOException, SftpException {
        var attributes = new SftpATTRS();
        attributes.setPERMISSIONS(mode);
        attributes.setACMODTIME((int) mtimeSeconds, (int) mtimeSeconds);
        order(channel -> channel.setStat(path, attributes));
    }

    @Override
    public void setMode(int mode) throws IOException, SftpException {
        var attributes = new SftpATTRS();
        attributes.setPERMISSIONS(mode);
        order(channel -> channel.setStat(path, attributes));
    }

    @Override
    protected synchronized boolean doSetLastModifiedTime(long millis) throws Exception {
        var attributes = new SftpATTRS();
        int seconds = (int) Math.floorDiv(millis, 1000L);
        attributes.setACMODTIME(seconds, seconds);
        order(channel -> channel.setStat(path, attributes));
        return true;
    }

    /** Gives its channel back when it is closed; one that broke is dropped. */
    private final class ChannelInput extends FilterInputStream {
        private final ChannelSftp channel;
        private boolean isClosed;
        private boolean isBroken;

        ChannelInput(ChannelSftp channel, InputStream in) {
            super(in);
            this.channel = channel;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            int count = 0;
            while (count == 0) {
                count = read(one, 0, 1);
            }
            return count < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            try {
                return in.read(bytes, from, length);
            } catch (IOException e) {
                isBroken = true;
                throw e;
            }
        }

        @Override
        public void close() throws IOException {
            if (isClosed) {
                return;
            }
            isClosed = true;
            finish(channel, isBroken, in::close);
        }
    }

    private final class ChannelOutput extends FilterOutputStream {
        private final ChannelSftp channel;
        private boolean isClosed;
        private boolean isBroken;

        ChannelOutput(ChannelSftp channel, OutputStream out) {
            super(out);
            this.channel = channel;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            try {
                out.write(bytes, from, length);
            } catch (IOException e) {
                isBroken = true;
                throw e;
            }
        }

        @Override
        public void close() throws IOException {
            if (isClosed) {
                return;
            }
            isClosed = true;
            finish(channel, isBroken, out::close);
        }
    }

    private interface Closing {
        void close() throws IOException;
    }

    private void finish(ChannelSftp channel, boolean isBroken, Closing stream) throws IOException {
        boolean isGood = false;
        try {
            if (!isBroken) {
                stream.close();
                isGood = true;
            }
        } finally {
            if (isGood) {
                fileSystem.giveBack(channel);
            } else {
                StrictSftpFileSystem.drop(channel);
            }
        }
    }
}
