export const recordings = {
  'recordings.ended': 'Ended',
  'recordings.began': 'Began (clock of the device)',
  'recordings.size': 'Size',
  'recordings.format': 'Format',
  'recordings.stored': 'Kept in',
  'recordings.stored.folder': 'Folder of the server',
  'recordings.stored.s3': 'Storage (S3)',
  'recordings.file': 'File',
  'recordings.deviceName': 'Name',
  'recordings.about': 'About this recording',
  'recordings.film': 'Recording of {name}',
  'recordings.search': 'Search by ID or file',
  'recordings.download': 'Download',
  'recordings.growing': 'Still coming in',
  'recordings.growing.text':
    'The device is still sending it. What is here already can be watched.',
  'recordings.cannotPlay': 'This browser cannot play it',
  'recordings.cannotPlay.text':
    'Its format is {format}. Download it and open it with a video player. '
    + 'If that fails as well, the recording is damaged or incomplete.',
  'recordings.gone': 'This recording is gone',
  'recordings.gone.text':
    'It was deleted, its time was over, or your role may not see it.',
  'recordings.delete': 'Delete recording',
  'recordings.deleteOne': 'Delete the recording of {name}?',
  'recordings.deleteMany': 'Delete {n|one recording|# recordings}?',
  'recordings.delete.text':
    'This cannot be undone. That it was deleted, and by whom, stays in the '
    + 'audit.',
  'recordings.deleted': 'Recording deleted',
  'recordings.empty': 'No recordings yet',
  'recordings.empty.text':
    'Devices record their sessions themselves: fix the setting "Record every '
    + 'incoming session" in a strategy.',
  'recordings.off.text':
    'This server keeps none: set RECORD_DIR to the folder that shall hold '
    + 'them.',
} as const;
