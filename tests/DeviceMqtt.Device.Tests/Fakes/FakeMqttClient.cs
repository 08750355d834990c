using System.Collections;
using System.Text;
using System;
using nanoFramework.M2Mqtt.Exceptions;
using nanoFramework.M2Mqtt.Messages;
using nanoFramework.M2Mqtt;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>A client without a network: remembers what was published and does what the test says. Everything on the test's own thread.</summary>
    internal sealed class FakeMqttClient : IMqttClient
    {
        private ushort _packetId;

        // Written out, because what the compiler makes of an event without accessors is generic, which a board does not have.
        private IMqttClient.MqttMsgPublishEventHandler? _received;
        private IMqttClient.MqttMsgPublishedEventHandler? _published;
        private IMqttClient.MqttMsgSubscribedEventHandler? _subscribed;
        private IMqttClient.MqttMsgUnsubscribedEventHandler? _unsubscribed;
        private IMqttClient.ConnectionClosedEventHandler? _closed;

        public event IMqttClient.MqttMsgPublishEventHandler? MqttMsgPublishReceived
        {
            add { _received += value; }
            remove { _received -= value; }
        }

        public event IMqttClient.MqttMsgPublishedEventHandler? MqttMsgPublished
        {
            add { _published += value; }
            remove { _published -= value; }
        }

        public event IMqttClient.MqttMsgSubscribedEventHandler? MqttMsgSubscribed
        {
            add { _subscribed += value; }
            remove { _subscribed -= value; }
        }

        public event IMqttClient.MqttMsgUnsubscribedEventHandler? MqttMsgUnsubscribed
        {
            add { _unsubscribed += value; }
            remove { _unsubscribed -= value; }
        }

        public event IMqttClient.ConnectionClosedEventHandler? ConnectionClosed
        {
            add { _closed += value; }
            remove { _closed -= value; }
        }

        public bool IsConnected { get; set; }

        internal bool IsClosed { get; private set; }

        internal bool IsDisconnected { get; private set; }

        /// <summary>What Connect returns.</summary>
        internal MqttReasonCode ConnectCode { get; set; } = MqttReasonCode.Success;

        /// <summary>What Connect throws, if anything.</summary>
        internal Exception? ConnectFailure { get; set; }

        /// <summary>What Publish throws, if anything.</summary>
        internal Exception? PublishFailure { get; set; }

        /// <summary>Whether every QoS 1 message is acknowledged at once.</summary>
        internal bool AcknowledgesAtOnce { get; set; } = true;

        /// <summary>What Connect does before it returns.</summary>
        internal Action? WhileConnecting { get; set; }

        internal ArrayList Published { get; } = new ArrayList();

        internal string ConnectedAs { get; private set; } = "";

        internal string Will { get; private set; } = "";

        internal FakeMessage this[int index] => (FakeMessage)Published[index]!;

        public void Init(string brokerHostName, int brokerPort, bool secure, byte[]? caCert, byte[]? clientCert, MqttSslProtocols sslProtocol)
        {
        }

        public MqttReasonCode Connect(string clientId, string? username, string? password, bool willRetain, MqttQoSLevel willQosLevel, bool willFlag, string? willTopic, string? willMessage, bool cleanSession, ushort keepAlivePeriod)
        {
            if (ConnectFailure != null)
            {
                throw ConnectFailure;
            }

            ConnectedAs = string.Concat(clientId, cleanSession ? " clean" : "", " ", keepAlivePeriod.ToString());
            Will = willFlag ? string.Concat(willTopic, " ", willMessage, willRetain ? " retained" : "") : "";
            IsConnected = ConnectCode == MqttReasonCode.Success;
            if (WhileConnecting != null)
            {
                WhileConnecting();
            }

            return ConnectCode;
        }

        public void Disconnect()
        {
            if (!IsConnected)
            {
                throw new MqttCommunicationException();
            }

            IsDisconnected = true;
            IsConnected = false;
        }

        public ushort Subscribe(string[] topics, MqttQoSLevel[] qosLevels)
        {
            throw new InvalidOperationException("a board subscribes to nothing");
        }

        public ushort Unsubscribe(string[] topics)
        {
            throw new InvalidOperationException("a board subscribes to nothing");
        }

        public ushort Publish(string topic, byte[] message)
        {
            return Publish(topic, message, null, null, MqttQoSLevel.AtMostOnce, false);
        }

        public ushort Publish(string topic, byte[] message, string? contentType)
        {
            return Publish(topic, message, contentType, null, MqttQoSLevel.AtMostOnce, false);
        }

        public ushort Publish(string topic, byte[] message, string? contentType, ArrayList? userProperties, MqttQoSLevel qosLevel, bool retain)
        {
            if (PublishFailure != null)
            {
                throw PublishFailure;
            }

            _packetId++;
            Published.Add(new FakeMessage(topic, Encoding.UTF8.GetString(message, 0, message.Length), qosLevel, retain, _packetId));
            ushort packetId = _packetId;
            if (AcknowledgesAtOnce && qosLevel != MqttQoSLevel.AtMostOnce)
            {
                // Before Publish returns, as can happen with the real one.
                Settle(packetId, true);
            }

            return packetId;
        }

        public void Close()
        {
            IsClosed = true;
            IsConnected = false;
        }

        /// <summary>A message was acknowledged or given up.</summary>
        internal void Settle(ushort packetId, bool isPublished)
        {
            _published?.Invoke(this, new MqttMsgPublishedEventArgs(packetId, isPublished));
        }

        /// <summary>A message arrives.</summary>
        internal void Deliver(string topic, string payload)
        {
            Deliver(topic, Encoding.UTF8.GetBytes(payload));
        }

        /// <summary>A message arrives.</summary>
        internal void Deliver(string topic, byte[] payload)
        {
            _received?.Invoke(this, new MqttMsgPublishEventArgs(topic, payload, false, MqttQoSLevel.AtLeastOnce, false));
        }

        /// <summary>The gateway hangs up, or the network fails.</summary>
        internal void Drop()
        {
            IsConnected = false;
            _closed?.Invoke(this, EventArgs.Empty);
        }

        /// <summary>How many messages were published to a topic.</summary>
        internal int CountOf(string topic)
        {
            int count = 0;
            for (int i = 0; i < Published.Count; i++)
            {
                count += this[i].Topic == topic ? 1 : 0;
            }

            return count;
        }

        /// <summary>How many messages to a topic begin with a text.</summary>
        internal int CountOf(string topic, string begin)
        {
            int count = 0;
            for (int i = 0; i < Published.Count; i++)
            {
                count += this[i].Topic == topic && this[i].Payload.StartsWith(begin) ? 1 : 0;
            }

            return count;
        }

        /// <summary>Payload of the last message to a topic; empty if there is none.</summary>
        internal string LastOf(string topic)
        {
            for (int i = Published.Count - 1; i >= 0; i--)
            {
                if (this[i].Topic == topic)
                {
                    return this[i].Payload;
                }
            }

            return "";
        }

        /// <summary>True if somebody listens to an event that a board has no use for.</summary>
        internal bool HasOtherHandlers()
        {
            return _subscribed != null || _unsubscribed != null;
        }
    }
}
