package io.lockstep.agent.vfs;

import com.jcraft.jsch.JSch;
import com.jcraft.jsch.Logger;
import org.apache.commons.vfs2.FileName;
import org.apache.commons.vfs2.FileSystem;
import org.apache.commons.vfs2.FileSystemException;
import org.apache.commons.vfs2.FileSystemOptions;
import org.apache.commons.vfs2.UserAuthenticationData;
import org.apache.commons.vfs2.provider.GenericFileName;
import org.apache.commons.vfs2.provider.sftp.SftpClientFactory;
import org.apache.commons.vfs2.provider.sftp.SftpFileProvider;
import org.apache.commons.vfs2.util.UserAuthenticatorUtils;

/**
 * VFS's provider for SFTP with files of our own. VFS 2.10's own ({@code SftpFileObject}) tells of a file that it could
 * not ask for, after a second failure of whatever kind, that it does not exist; follows links; takes {@code *}, {@code ?}
 * and {@code \} in a name for a pattern; and knows no permission bits.
 */
final class StrictSftpProvider extends SftpFileProvider {
    StrictSftpProvider() {
        // VFS has JSch tell every step of every connection to its log; what matters is told as an outcome.
        JSch.setLogger(SILENCE);
    }

    private static final Logger SILENCE = new Logger() {
        @Override
        public boolean isEnabled(int level) {
            return false;
        }

        @Override
        public void log(int level, String message) {}
    };

    @Override
    protected FileSystem doCreateFileSystem(FileName name, FileSystemOptions options) throws FileSystemException {
        var root = (GenericFileName) name;
        UserAuthenticationData login = null;
        try {
            login = UserAuthenticatorUtils.authenticate(options, AUTHENTICATOR_TYPES);
            var user = UserAuthenticatorUtils.getData(
                    login, UserAuthenticationData.USERNAME, UserAuthenticatorUtils.toChar(root.getUserName()));
            var password = UserAuthenticatorUtils.getData(login, UserAuthenticationData.PASSWORD, null);
            var session =
                    SftpClientFactory.createConnection(root.getHostName(), root.getPort(), user, password, options);
            return new StrictSftpFileSystem(root, session, options);
        } finally {
            UserAuthenticatorUtils.cleanup(login);
        }
    }
}
