using System;
using DeviceMqtt.Wire;
using nanoFramework.M2Mqtt;
using nanoFramework.M2Mqtt.Exceptions;
using nanoFramework.M2Mqtt.Messages;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// One connection from the attempt to its end, with one client of its own. <see cref="Open"/> and <see cref="Close"/> block and run in the
    /// background; the handlers run on the library's threads; everything else runs on the device loop. Shared state is under the lock.
    /// </summary>
    internal sealed class LinkConnection
    {
        // Each message is acknowledged or given up once, and no more than this many wait at a time.
        private const int ResultsMax = 4 * DeviceLimits.PublishesPerSecondMax;

        private readonly object _gate = new object();
        private readonly IMqttClientFactory _factory;
        private readonly DeviceOptions _options;
        private readonly Inbox _inbox;
        private readonly ushort[] _resultIds = new ushort[ResultsMax];
        private readonly bool[] _results = new bool[ResultsMax];
        private int _firstResult;
        private int _resultCount;
        private IMqttClient? _client;
        private bool _isOpened;
        private bool _isClosed;
        private bool _isGone;
        private LinkFault _fault;
        private string _faultText = "";

        internal LinkConnection(IMqttClientFactory factory, DeviceOptions options, Inbox inbox)
        {
            _factory = factory;
            _options = options;
            _inbox = inbox;
        }

        /// <summary>True when the attempt is over. <paramref name="fault"/> is None if it succeeded.</summary>
        internal bool IsOpened(out LinkFault fault, out string text)
        {
            lock (_gate)
            {
                fault = _fault;
                text = _faultText;
                return _isOpened;
            }
        }

        /// <summary>True when the connection has ended, whether the library has said so or only knows it.</summary>
        internal bool HasEnded()
        {
            lock (_gate)
            {
                return _isClosed || _client == null || !_client.IsConnected;
            }
        }

        /// <summary>True when the client is closed and its memory can be had again.</summary>
        internal bool IsGone()
        {
            lock (_gate)
            {
                return _isGone;
            }
        }

        /// <summary>Makes a client and connects it. Blocks; never throws.</summary>
        internal void Open()
        {
            LinkFault fault = LinkFault.NotResolved;
            string text = "";
            IMqttClient? client = null;
            try
            {
                client = _factory.Create();
                fault = LinkFault.NotReachable;
                // Before Connect: the gateway may send a command right behind CONNACK.
                client.MqttMsgPublishReceived += OnReceived;
                client.MqttMsgPublished += OnPublished;
                client.ConnectionClosed += OnClosed;
                MqttReasonCode code = client.Connect(
                    _options.ClientId,
                    _options.UserName,
                    _options.Password,
                    true,
                    MqttQoSLevel.AtLeastOnce,
                    true,
                    PresenceTopic.Build(_options.ClientId),
                    PresenceTopic.Offline,
                    true,
                    (ushort)_options.KeepAliveSeconds);
                fault = code == MqttReasonCode.Success ? LinkFault.None : LinkFault.Refused;
                text = fault == LinkFault.None ? "" : ((int)code).ToString();
            }
            catch (MqttCommunicationException e)
            {
                fault = LinkFault.NoAnswer;
                text = e.Message;
            }
            catch (Exception e)
            {
                // The edge of the library: sockets, TLS and the library itself throw all kinds of things here. Which step failed is known.
                text = e.Message;
            }

            lock (_gate)
            {
                // Closed already: the gateway hung up right behind CONNACK, or the loop has given the attempt up.
                fault = fault == LinkFault.None && _isClosed ? LinkFault.Closed : fault;
                _client = client;
                _fault = fault;
                _faultText = text;
                _isOpened = true;
            }

            // After a refused or unanswered Connect the library's receive thread lives on until Close.
            if (fault != LinkFault.None)
            {
                Close();
            }
        }

        /// <summary>Says DISCONNECT, so that the Will is not sent, and closes. Blocks; never throws.</summary>
        internal void Leave()
        {
            IMqttClient? client = TakeClient();
            try
            {
                client?.Disconnect();
            }
            catch (Exception)
            {
                // The link is dead: then the gateway sends the Will, which says the same as we just did. Close follows in any case.
            }

            CloseClient(client);
        }

        /// <summary>Closes without DISCONNECT. An attempt that is still being made is closed when it ends. Blocks; never throws.</summary>
        internal void Close()
        {
            CloseClient(TakeClient());
        }

        /// <summary>Marks the connection as given up; nothing it still says is listened to.</summary>
        internal void Abandon()
        {
            lock (_gate)
            {
                _isClosed = true;
            }
        }

        /// <summary>Hands a message to the library.</summary>
        /// <param name="topic">Topic name.</param>
        /// <param name="payload">Payload; belongs to the library from now on.</param>
        /// <param name="qos">Quality of service.</param>
        /// <param name="retain">Whether it is retained.</param>
        /// <param name="packetId">Packet identifier, if it was taken.</param>
        /// <param name="fault">Set if the library failed; None if its queue is merely full.</param>
        internal bool TryPublish(string topic, byte[] payload, MqttQoSLevel qos, bool retain, out ushort packetId, out LinkFault fault)
        {
            packetId = 0;
            fault = LinkFault.PublishFailed;
            IMqttClient? client;
            lock (_gate)
            {
                client = _client;
            }

            if (client == null)
            {
                return false;
            }

            try
            {
                packetId = client.Publish(topic, payload, null, null, qos, retain);
                fault = LinkFault.None;
                return true;
            }
            catch (MqttClientException e)
            {
                fault = e.ErrorCode == MqttClientErrorCode.InflightQueueFull ? LinkFault.None : LinkFault.PublishFailed;
                return false;
            }
            catch (Exception)
            {
                // The edge of the library: whatever it throws here, this connection is not to be trusted any more.
                return false;
            }
        }

        /// <summary>Takes the next message of which the library said what became of it.</summary>
        internal bool TryTakeResult(out ushort packetId, out bool isAcknowledged)
        {
            lock (_gate)
            {
                packetId = _resultIds[_firstResult];
                isAcknowledged = _results[_firstResult];
                if (_resultCount == 0)
                {
                    return false;
                }

                _firstResult = (_firstResult + 1) % ResultsMax;
                _resultCount--;
                return true;
            }
        }

        // The handlers run on the library's threads. One that throws ends the connection: they only put things away.
        private void OnReceived(object sender, MqttMsgPublishEventArgs e)
        {
            _inbox.Put(e.Topic, e.Message ?? Nothing.Bytes);
        }

        private void OnPublished(object sender, MqttMsgPublishedEventArgs e)
        {
            lock (_gate)
            {
                // Full cannot happen while the windows hold. If it does, the message counts as not acknowledged after AcknowledgeMs.
                if (_resultCount < ResultsMax)
                {
                    int at = (_firstResult + _resultCount) % ResultsMax;
                    _resultIds[at] = e.MessageId;
                    _results[at] = e.IsPublished;
                    _resultCount++;
                }
            }
        }

        private void OnClosed(object sender, EventArgs e)
        {
            lock (_gate)
            {
                _isClosed = true;
            }
        }

        private IMqttClient? TakeClient()
        {
            lock (_gate)
            {
                IMqttClient? client = _client;
                _client = null;
                _isClosed = true;
                return client;
            }
        }

        private void CloseClient(IMqttClient? client)
        {
            try
            {
                client?.Close();
            }
            catch (Exception)
            {
                // Closing what is broken: there is nothing left to lose, and nobody to tell.
            }

            lock (_gate)
            {
                _isGone = true;
            }
        }
    }
}
