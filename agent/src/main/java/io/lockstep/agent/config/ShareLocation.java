package io.lockstep.agent.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where a tree's share is: a directory of a mount on this host, or a directory on a server that is not mounted. */
public sealed interface ShareLocation {
    /** Scheme of a server that is reached by SSH. */
    String SFTP = "sftp";

    /** Scheme of a local directory that is treated as a server: for trying things out. */
    String FILE = "file";

    /** A mounted share; {@code path} is absolute. */
    record Mounted(Path path) implements ShareLocation {
        @Override
        public String toString() {
            return path.toString();
        }
    }

    /** A share that is not mounted. What is printed never holds a password, even of a URI that is refused for it. */
    record Remote(URI uri) implements ShareLocation {
        @Override
        public String toString() {
            return withoutPassword(uri.toString());
        }
    }

    /**
     * What is wrong with a location.
     *
     * @param what follows the name of whatever holds it
     */
    record Fault(String what, String remedy) {}

    /**
     * The location that {@code text} says: what starts like {@code sftp://} is a URI, all else a path from {@code base}.
     *
     * @throws IllegalArgumentException when it is neither; the message has no password
     */
    static ShareLocation parse(String text, Path base) {
        var start = Syntax.URI_START.matcher(text);
        if (!start.find()) {
            // A malformed path is an IllegalArgumentException too.
            return new Mounted(base.resolve(text).normalize());
        }
        try {
            return new Remote(new URI(start.group().toLowerCase(Locale.ROOT) + text.substring(start.end())));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "a URI (" + e.getReason() + "; a space is written %20, a percent sign %25)", null);
        }
    }

    /** {@code text} with whatever follows a user's name in a URI blotted out. */
    static String withoutPassword(String text) {
        return Syntax.PASSWORD.matcher(text).replaceFirst("$1:***@");
    }

    default boolean isRemote() {
        return this instanceof Remote;
    }

    /** Why the location can't be used, whatever the server says; empty when it can. */
    default Optional<Fault> fault() {
        return this instanceof Remote remote ? Syntax.fault(remote.uri()) : Optional.empty();
    }

    /** The form of the URIs that can be used. */
    final class Syntax {
        private static final Pattern URI_START = Pattern.compile("^[A-Za-z][A-Za-z0-9+.-]*://");
        private static final Pattern PASSWORD = Pattern.compile("^([A-Za-z][A-Za-z0-9+.-]*://[^/@:]*):[^/]*@");
        private static final String EXAMPLE = "sftp://wso2@files.example.com:22/export/wso2/server";

        /** What Commons VFS or others have, and why it is no share. */
        private static final Map<String, String> UNSUPPORTED = Map.of(
                "webdav", "its provider needs a WebDAV client that is no longer maintained",
                "webdavs", "its provider needs a WebDAV client that is no longer maintained",
                "http", "it can't be written to",
                "https", "it can't be written to",
                "ftp", "it sends passwords in clear text and can't replace a file in one step",
                "ftps", "it can't replace a file in one step",
                "smb", "its provider is an experiment; mount the share and name the directory",
                "nfs", "mount the share and name the directory",
                "ram", "no other process sees it");

        private Syntax() {}

        static Optional<Fault> fault(URI uri) {
            var scheme = String.valueOf(uri.getScheme());
            if (uri.getRawUserInfo() != null && uri.getRawUserInfo().contains(":")) {
                return Optional.of(new Fault(
                        "has a password in it, which logs and backups would show",
                        "Write it into a file that only the agent's user can read, and name that as credentials"));
            }
            if (!List.of(SFTP, FILE).contains(scheme)) {
                return Optional.of(new Fault(
                        "is " + scheme + ", which is not supported: "
                                + UNSUPPORTED.getOrDefault(scheme, "Lockstep has no provider for it"),
                        "Use sftp, for example " + EXAMPLE + ", or mount the share and write its path"));
            }
            if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
                return Optional.of(
                        new Fault("has a ? or a #", "Write %3F and %23 where they belong to the name of a directory"));
            }
            var path = uri.getRawPath();
            boolean isPlain =
                    path != null && path.startsWith("/") && uri.normalize().equals(uri);
            if (!isPlain || path.contains("//")) {
                return Optional.of(new Fault(
                        "has no absolute path, or one with . or .. or // in it", "Write it as in " + EXAMPLE));
            }
            return scheme.equals(SFTP) ? sftpFault(uri) : fileFault(uri);
        }

        private static Optional<Fault> sftpFault(URI uri) {
            boolean isComplete = uri.getHost() != null
                    && uri.getRawUserInfo() != null
                    && !uri.getRawUserInfo().isEmpty();
            return isComplete && uri.getPort() != 0 && uri.getPort() <= 65535
                    ? Optional.empty()
                    : Optional.of(new Fault("lacks a user, a host or a valid port", "Write it as in " + EXAMPLE));
        }

        private static Optional<Fault> fileFault(URI uri) {
            return uri.getRawAuthority() == null
                    ? Optional.empty()
                    : Optional.of(new Fault("names a host", "Write file:///directory"));
        }
    }
}
