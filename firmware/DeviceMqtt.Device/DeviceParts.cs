using System;

namespace DeviceMqtt.Device
{
    /// <summary>What is connected to a device and tells something: streams of readings, and sources of events.</summary>
    internal sealed class DeviceParts
    {
        /// <summary>The streams; the first null ends the list.</summary>
        internal TelemetryStream[] Streams { get; } = new TelemetryStream[DeviceLimits.StreamsMax];

        /// <summary>The sources; the first null ends the list.</summary>
        internal EventSource[] Events { get; } = new EventSource[DeviceLimits.EventSourcesMax];

        internal int StreamCount { get; private set; }

        internal int EventCount { get; private set; }

        /// <summary>Changes that found no room since boot, of all sources.</summary>
        internal int DroppedEvents
        {
            get
            {
                int dropped = 0;
                for (int i = 0; i < EventCount; i++)
                {
                    dropped += Events[i].Dropped;
                }

                return dropped;
            }
        }

        /// <summary>True when every sensor was read, or failed.</summary>
        internal bool HaveRun
        {
            get
            {
                for (int i = 0; i < StreamCount; i++)
                {
                    if (!Streams[i].HasRun)
                    {
                        return false;
                    }
                }

                return true;
            }
        }

        internal void Add(TelemetryStream stream)
        {
            if (StreamCount == Streams.Length || FindStream(stream.Name) != null)
            {
                throw new ArgumentException(stream.Name, nameof(stream));
            }

            Streams[StreamCount] = stream;
            StreamCount++;
        }

        internal void Add(EventSource source)
        {
            for (int i = 0; i < EventCount; i++)
            {
                if (Events[i].Name == source.Name)
                {
                    throw new ArgumentException(source.Name, nameof(source));
                }
            }

            if (EventCount == Events.Length)
            {
                throw new ArgumentException(source.Name, nameof(source));
            }

            Events[EventCount] = source;
            EventCount++;
        }

        /// <summary>The stream of that name, or null.</summary>
        internal TelemetryStream? FindStream(string name)
        {
            for (int i = 0; i < StreamCount; i++)
            {
                if (Streams[i].Name == name)
                {
                    return Streams[i];
                }
            }

            return null;
        }

        /// <summary>Reads and publishes what is due. True if a sensor has just failed or come back.</summary>
        internal bool Tick(Publisher publisher, IDeviceLog log, long nowMs)
        {
            bool hasChanged = false;
            for (int i = 0; i < StreamCount; i++)
            {
                hasChanged |= Streams[i].Tick(publisher, log, nowMs);
            }

            TickEvents(publisher, log, nowMs);
            return hasChanged;
        }

        /// <summary>Publishes the events that came; reads nothing.</summary>
        internal void TickEvents(Publisher publisher, IDeviceLog log, long nowMs)
        {
            for (int i = 0; i < EventCount; i++)
            {
                Events[i].Tick(publisher, log, nowMs);
            }
        }
    }
}
