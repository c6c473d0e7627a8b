package io.lockstep.agent.vfs;

import com.jcraft.jsch.ChannelSftp;
import com.jcraft.jsch.Session;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.commons.vfs2.FileObject;
import org.apache.commons.vfs2.FileSystemException;
import org.apache.commons.vfs2.FileSystemOptions;
import org.apache.commons.vfs2.provider.AbstractFileName;
import org.apache.commons.vfs2.provider.GenericFileName;
import org.apache.commons.vfs2.provider.sftp.SftpFileSystem;

/** One server's files. Names are bytes, carried as characters of the same number, so that none is ever garbled. */
final class StrictSftpFileSystem extends SftpFileSystem {
    StrictSftpFileSystem(GenericFileName root, Session session, FileSystemOptions options) {
        super(root, session, options);
    }

    @Override
    protected FileObject createFile(AbstractFileName name) throws FileSystemException {
        return new StrictSftpFile(name, this);
    }

    /** A channel that is open now, as far as one can know: the one that VFS keeps may have died meanwhile. */
    ChannelSftp takeChannel() throws IOException {
        var channel = getChannel();
        if (!channel.isConnected() || channel.isClosed()) {
            channel.disconnect();
            channel = getChannel();
        }
        channel.setFilenameEncoding(StandardCharsets.ISO_8859_1);
        return channel;
    }

    void giveBack(ChannelSftp channel) {
        putChannel(channel);
    }

    /** Drops a channel on which a call failed: what it would answer next may be an answer to that call. */
    static void drop(ChannelSftp channel) {
        channel.disconnect();
    }
}
