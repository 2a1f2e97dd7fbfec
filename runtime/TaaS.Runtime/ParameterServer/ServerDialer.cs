using System.Net.Sockets;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.ParameterServer;

/// <summary>Opens a connection to a server, proves who is there, and registers the model.</summary>
internal sealed class ServerDialer(string name, string address, int worker, string signature, ParameterLayout layout, TransportOptions options)
{
    private readonly byte[] _layout = layout.ToJson();

    /// <summary>Name and address of the server.</summary>
    public string Peer { get; } = $"{name} ({address})";

    /// <summary>Makes one attempt.</summary>
    /// <param name="generation">Generation that the server is in; 0 for none.</param>
    /// <exception cref="TransportException">Refused, or silent.</exception>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public FrameConnection Dial(out uint generation)
    {
        var socket = TransportAddress.CreateSocket(address);
        var connection = new FrameConnection(socket, Peer, options.Handshake);
        try
        {
            using (var limit = new CancellationTokenSource(options.Handshake))
            using (limit.Token.Register(() => connection.End($"{Peer} did not prove itself within {options.Handshake.TotalSeconds:0.#} s")))
            {
                Connect(socket, limit.Token);
                connection.SecureAsClient(options.Tls, TransportAddress.Host(address));
                Handshake.Greet(connection, options.Secret, worker, options.Incarnation, signature);
            }

            connection.Silence = options.Silence;
            generation = Register(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Connect(Socket socket, CancellationToken limit)
    {
        try
        {
            socket.Connect(TransportAddress.ToConnect(address));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException && limit.IsCancellationRequested)
        {
            throw new TransportException($"{Peer} did not answer within {options.Handshake.TotalSeconds:0.#} s", error);
        }
    }

    private uint Register(FrameConnection connection)
    {
        connection.Send(new FrameHeader(MessageType.Register) { Worker = worker }, _layout);
        FrameHeader answer;
        do
        {
            answer = connection.ReceiveHeader("the model to be registered", Handshake.MaxAbortBytes);
            if (Handshake.IsRefusal(answer))
            {
                throw Handshake.ReadAbort(connection, answer);
            }

            connection.ReceivePayload(answer, default);
        }
        while (answer.Type == MessageType.Heartbeat);

        if (answer.Type != MessageType.Done)
        {
            throw new TransportException($"{Peer} sent a {answer.Type} frame in answer to the model; expected {MessageType.Done}");
        }

        return answer.Generation;
    }
}
