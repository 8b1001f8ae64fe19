import { Global, Module } from '@nestjs/common';
import { UploadReceiver } from './upload-receiver';
import { UploadsFolder } from './uploads-folder';

/** Files that clients send. */
@Global()
@Module({ providers: [UploadsFolder, UploadReceiver], exports: [UploadReceiver] })
export class UploadsModule {}
