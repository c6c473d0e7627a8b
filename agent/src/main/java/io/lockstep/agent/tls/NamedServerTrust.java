package io.lockstep.agent.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Adds one check to the JDK's: the server is the node that is expected at the address that was dialled. It runs inside
 * the handshake, so that not a byte of a request reaches a member that another name was meant for.
 */
final class NamedServerTrust extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager jdk;
    private final ExpectedNames expected;

    NamedServerTrust(X509ExtendedTrustManager jdk, ExpectedNames expected) {
        this.jdk = jdk;
        this.expected = expected;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        jdk.checkServerTrusted(chain, authType, engine);
        checkName(chain, engine.getPeerHost(), engine.getPeerPort());
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        jdk.checkServerTrusted(chain, authType, socket);
        if (!(socket instanceof SSLSocket tls)) {
            throw new CertificateException("a server's name can be checked on a TLS socket only");
        }
        SSLSession session = tls.getHandshakeSession();
        checkName(chain, session.getPeerHost(), session.getPeerPort());
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("a server's name can't be checked without its address");
    }

    private void checkName(X509Certificate[] chain, @Nullable String host, int port) throws CertificateException {
        String name = (host == null ? Optional.<String>empty() : expected.at(host, port))
                .orElseThrow(() -> new CertificateException("no node is configured at " + host + ":" + port));
        if (!CertificateNames.vouchesFor(chain[0], name)) {
            throw new CertificateException("the node at " + host + ":" + port + " is "
                    + CertificateNames.commonName(chain[0]).orElse("nameless") + ", not " + name
                    + "; correct the address of " + name + " or its certificate");
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        jdk.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        jdk.checkClientTrusted(chain, authType, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        jdk.checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return jdk.getAcceptedIssuers();
    }
}
