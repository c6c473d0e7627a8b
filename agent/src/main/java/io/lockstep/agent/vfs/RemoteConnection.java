package io.lockstep.agent.vfs;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.commons.vfs2.CacheStrategy;
import org.apache.commons.vfs2.FileObject;
import org.apache.commons.vfs2.FileSystemException;
import org.apache.commons.vfs2.FileSystemOptions;
import org.apache.commons.vfs2.auth.StaticUserAuthenticator;
import org.apache.commons.vfs2.cache.NullFilesCache;
import org.apache.commons.vfs2.impl.DefaultFileSystemConfigBuilder;
import org.apache.commons.vfs2.impl.DefaultFileSystemManager;
import org.apache.commons.vfs2.provider.local.DefaultLocalFileProvider;
import org.apache.commons.vfs2.provider.ram.RamFileProvider;
import org.apache.commons.vfs2.provider.sftp.IdentityInfo;
import org.apache.commons.vfs2.provider.sftp.IdentityProvider;
import org.apache.commons.vfs2.provider.sftp.SftpFileSystemConfigBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one share, made when it is first needed and again after it broke. It remembers nothing of what the
 * server said. For one thread at a time.
 */
final class RemoteConnection implements AutoCloseable {
    /**
     * JSch gives a server up after two silences: after the first it asks whether the server is alive. Making a
     * connection takes one.
     */
    private static final int SILENCES = 3;

    private final RemoteSettings settings;
    private final InstantSource clock;
    private final RemoteWatch watch;
    private @Nullable DefaultFileSystemManager manager;
    private @Nullable FileObject root;

    RemoteConnection(RemoteSettings settings, InstantSource clock, RemoteWatch watch) {
        this.watch = watch;
        this.settings = settings;
        this.clock = clock;
    }

    /** One call on the server. */
    interface Call<T> {
        T run() throws Exception;
    }

    /** What {@code call} answers. */
    <T> T call(String step, Call<T> call) throws RemoteFailure {
        var start = clock.instant();
        watch.begins(step);
        try {
            return call.run();
        } catch (Exception e) {
            var failure = RemoteFailure.of(step, e, Duration.between(start, clock.instant()), silence());
            if (!failure.isOfOneEntry()) {
                close();
            }
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw failure;
        } finally {
            watch.ended();
        }
    }

    private Duration silence() {
        return settings.deadline().dividedBy(SILENCES);
    }

    /** The share's directory, which may or may not be there. */
    FileObject root() throws RemoteFailure {
        var known = root;
        if (known != null) {
            return known;
        }
        var options = options();
        var made = call("connect", () -> {
            var next = new DefaultFileSystemManager();
            next.addProvider("sftp", new StrictSftpProvider());
            next.addProvider("file", new DefaultLocalFileProvider());
            next.addProvider("ram", new RamFileProvider());
            next.setFilesCache(new NullFilesCache());
            next.setCacheStrategy(CacheStrategy.MANUAL);
            next.init();
            manager = next;
            return next.resolveFile(address(), options);
        });
        root = made;
        return made;
    }

    /** Whether a connection was made that has not been seen to break. */
    boolean isOpen() {
        return root != null;
    }

    /** How a name's bytes are carried. */
    Names names() {
        return isSftp() ? Names.BYTES : Names.TEXT;
    }

    boolean isSftp() {
        return "sftp".equals(settings.uri().getScheme());
    }

    private String address() {
        var uri = settings.uri();
        if (isSftp()) {
            // Bytes that are no ASCII are escaped as UTF-8, which is how Names.BYTES reads them.
            return uri.toASCIIString();
        }
        var path = new StringBuilder();
        for (var name : uri.getPath().split("/", -1)) {
            if (!name.isEmpty()) {
                path.append('/').append(Names.escaped(name));
            }
        }
        return uri.getScheme() + "://" + (path.isEmpty() ? "/" : path);
    }

    private FileSystemOptions options() throws RemoteFailure {
        var options = new FileSystemOptions();
        if (!isSftp()) {
            return options;
        }
        var login = login();
        try {
            var sftp = SftpFileSystemConfigBuilder.getInstance();
            sftp.setStrictHostKeyChecking(options, "yes");
            sftp.setKnownHosts(options, login.knownHosts().toFile());
            sftp.setUserDirIsRoot(options, false);
            sftp.setDisableDetectExecChannel(options, true);
            sftp.setFileNameEncoding(options, StandardCharsets.ISO_8859_1.name());
            sftp.setConnectTimeout(options, silence());
            sftp.setSessionTimeout(options, silence());
            // Without an identity of its own, VFS would try whatever key the user has in ~/.ssh.
            sftp.setIdentityProvider(options, identities(login));
            sftp.setPreferredAuthentications(options, methods(login));
            var authenticator = new StaticUserAuthenticator(
                    null,
                    user(settings.uri()),
                    login.password().map(Secret::reveal).orElse(null));
            DefaultFileSystemConfigBuilder.getInstance().setUserAuthenticator(options, authenticator);
            return options;
        } catch (FileSystemException e) {
            throw RemoteFailure.of("connect", e, Duration.ZERO, silence());
        }
    }

    private Login login() throws RemoteFailure {
        var file = settings.credentials().orElseThrow(() -> new IllegalStateException("sftp needs credentials"));
        var reading = LoginFile.read(file);
        if (reading instanceof LoginFile.Reading.Read read) {
            return read.login();
        }
        var refused = (LoginFile.Reading.Refused) reading;
        throw RemoteFailure.login(refused.problem() + "; " + refused.remedy());
    }

    private static IdentityProvider[] identities(Login login) {
        return login.privateKey()
                .map(key -> new IdentityProvider[] {
                    new IdentityInfo(
                            key.toFile(),
                            login.passphrase()
                                    .map(secret -> secret.reveal().getBytes(StandardCharsets.UTF_8))
                                    .orElse(null))
                })
                .orElse(new IdentityProvider[0]);
    }

    private static String methods(Login login) {
        var key = login.privateKey().isPresent() ? "publickey," : "";
        var password = login.password().isPresent() ? "password,keyboard-interactive," : "";
        var both = key + password;
        return both.substring(0, both.length() - 1);
    }

    private static String user(URI uri) {
        // A plus sign is one in a URI, but not to this decoder.
        return URLDecoder.decode(uri.getRawUserInfo().replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Closes the connection; the next call makes another. */
    @Override
    public void close() {
        var old = manager;
        manager = null;
        root = null;
        if (old != null) {
            old.close();
        }
    }
}
