package io.lockstep.agent.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/** A host that serves one directory by NFSv4 (nfs-ganesha, which needs no kernel part). */
final class NfsServer {
    private static final String EXPORT = "/export";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(15);

    /** Without a grace period, which would hold up clients for 90 s after each start. */
    private static final String CONFIGURATION = """
            NFS_CORE_PARAM { Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; NFS_Port = 2049; }
            NFSv4 { Graceless = true; RecoveryRoot = "/run/ganesha"; Only_Numeric_Owners = true; Minor_Versions = 1, 2; }
            EXPORT {
              Export_Id = 1;
              Path = "%s";
              Pseudo = "%s";
              Access_Type = RW;
              Squash = No_root_squash;
              SecType = sys;
              Attr_Expiration_Time = 0;
              FSAL { Name = VFS; }
            }
            """;

    private final LabHost host;
    private final Path directory;
    private LabMachine.Program server;

    private NfsServer(LabHost host, Path directory, LabMachine.Program server) {
        this.host = host;
        this.directory = directory;
        this.server = server;
    }

    /** @param directory an empty one; its {@code export} is what is served */
    static NfsServer start(LabHost host, Path directory) throws IOException, InterruptedException {
        var export = Files.createDirectories(directory.resolve("export"));
        Files.writeString(directory.resolve("ganesha.conf"), CONFIGURATION.formatted(export, EXPORT));
        host.run("mount", "-t", "tmpfs", "tmpfs", "/run");
        host.run("mkdir", "-p", "/run/ganesha");
        return new NfsServer(host, directory, serve(host, directory));
    }

    private static LabMachine.Program serve(LabHost host, Path directory) throws IOException, InterruptedException {
        var log = directory.resolve("ganesha.log");
        Files.deleteIfExists(log);
        var server = host.start(
                List.of(
                        "ganesha.nfsd",
                        "-F",
                        "-f",
                        directory.resolve("ganesha.conf").toString(),
                        "-L",
                        log.toString(),
                        "-p",
                        "/run/ganesha/pid"),
                directory.resolve("ganesha.out"));
        Awaitility.await("the NFS server serves")
                .atMost(PATIENCE)
                .until(() -> Files.exists(log) && Files.readString(log).contains("NFS SERVER INITIALIZED"));
        return server;
    }

    LabHost host() {
        return host;
    }

    /** The directory that is served, which never fails. */
    Path export() {
        return directory.resolve("export");
    }

    /** Puts another directory of the same content at the place of this one, and removes this one. */
    void replace(Path served) throws IOException, InterruptedException {
        host.run("cp", "-a", served.toString(), served + ".new");
        host.run("mv", served.toString(), served + ".old");
        host.run("mv", served + ".new", served.toString());
        host.run("rm", "-rf", served + ".old");
    }

    /** As a client's mount table tells it. */
    String source() {
        return host.address() + ":" + EXPORT;
    }

    /** Mounts the export on a guest: hard, so that a call waits for its server for ever. */
    void mountOn(UmlGuest guest, Path mountpoint, String moreOptions) throws IOException, InterruptedException {
        guest.run(
                "mount",
                "-i",
                "-t",
                "nfs4",
                "-o",
                "addr=" + host.address() + ",clientaddr=" + guest.address() + ",vers=4.2,hard" + moreOptions,
                source(),
                mountpoint.toString());
    }

    /** The server says nothing any more, and keeps its connections. */
    void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        host.run("bash", "-c", "kill -" + signal + " $(cat /run/ganesha/pid)");
    }

    /** The server is gone; its host refuses connections. */
    void stop() throws IOException, InterruptedException {
        if (!server.end(STOP_DEADLINE)) {
            server.kill();
        }
    }

    void startAgain() throws IOException, InterruptedException {
        server = serve(host, directory);
    }
}
